{{ config(materialized='ephemeral') }}

-- Rows that wait for the rate of their day: sales for that of the order, refunds for their own,
-- cancelled orders for that of the reversal. What waits for other rows needs no rate yet.
with orders as (
    select * from {{ ref('stg_orders') }}
),

items as (
    select * from {{ ref('stg_order_items') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

-- stores whose days need a rate
abroad as (
    select stores.store_id from {{ source('raw', 'stores') }} as stores
    where {{ needs_rate('stores') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

unpriced_sales as (
    select
        items.store_id, 'raw_order_items' as dataset,
        concat(items.order_id, '-', items.line_number) as row_id,
        'rate_missing' as reason, orders.ordered_on as pending_since_on,
        items.gross_amount - items.discount_amount as amount, items.source_file, items.source_row
    from items
    inner join orders
        on items.store_id = orders.store_id and items.order_id = orders.order_id
    inner join abroad on items.store_id = abroad.store_id
    left join rates
        on orders.store_id = rates.store_id and orders.ordered_on = rates.rate_on
    where rates.fx_rate is null
),

unpriced_refunds as (
    select
        refunds.store_id, 'raw_refunds' as dataset,
        concat(refunds.refund_id, '-', refunds.line_number) as row_id,
        'rate_missing' as reason, refunds.refunded_on as pending_since_on, refunds.amount,
        refunds.source_file, refunds.source_row
    from refunds
    inner join abroad on refunds.store_id = abroad.store_id
    left join rates
        on refunds.store_id = rates.store_id and refunds.refunded_on = rates.rate_on
    where rates.fx_rate is null
),

-- of each kind of line of a cancelled order what nobody has refunded
left_over as (
    select store_id, order_id, line_kind, quantity, gross_amount - discount_amount as amount,
        tax_amount
    from items
    union all
    select store_id, order_id, 'shipping' as line_kind, 0 as quantity, shipping_amount as amount,
        0 as tax_amount
    from orders
    union all
    select store_id, order_id, 'product' as line_kind, 0 as quantity,
        -order_discount_amount as amount, 0 as tax_amount
    from orders
    union all
    select store_id, order_id, line_kind, -quantity as quantity, -amount as amount,
        -tax_amount as tax_amount
    from refunds
),

unpriced_orders as (
    select orders.*
    from orders
    inner join abroad on orders.store_id = abroad.store_id
    left join rates
        on orders.store_id = rates.store_id and orders.cancelled_on = rates.rate_on
    where orders.cancelled_on is not null and not orders.is_test and rates.fx_rate is null
),

by_kind as (
    select
        left_over.store_id,
        left_over.order_id,
        left_over.line_kind,
        sum(left_over.quantity) as quantity,
        sum(left_over.amount) as amount,
        sum(left_over.tax_amount) as tax_amount
    from left_over
    inner join unpriced_orders as orders
        on left_over.store_id = orders.store_id and left_over.order_id = orders.order_id
    group by left_over.store_id, left_over.order_id, left_over.line_kind
),

reversals as (
    select store_id, order_id, sum(amount) as amount
    from by_kind
    where quantity <> 0 or amount <> 0 or tax_amount <> 0
    group by store_id, order_id
),

unpriced_reversals as (
    select
        orders.store_id, 'raw_orders' as dataset, orders.order_id as row_id,
        'rate_missing' as reason, orders.cancelled_on as pending_since_on,
        -reversals.amount as amount, orders.source_file, orders.source_row
    from unpriced_orders as orders
    inner join reversals
        on orders.store_id = reversals.store_id and orders.order_id = reversals.order_id
),

final as (
    select * from unpriced_sales
    union all
    select * from unpriced_refunds
    union all
    select * from unpriced_reversals
)

select * from final
