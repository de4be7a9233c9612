{{ config(materialized='table') }}

-- Rows that later data will resolve; none of them is in a fact table yet.
with orders as (
    select * from {{ ref('stg_orders') }}
),

items as (
    select * from {{ ref('stg_order_items') }}
),

refunds as (
    select * from {{ ref('stg_refunds') }}
),

-- stores whose days need a rate
abroad as (
    select stores.store_id from {{ source('raw', 'stores') }} as stores
    where {{ needs_rate('stores') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

-- rows age with the deliveries of any feed: orders may be what is late
newest as (
    select store_id, max(delivered_on) as last_on
    from {{ source('raw', 'deliveries') }}
    where status = 'loaded'
    group by store_id
),

orphan_lines as (
    select
        items.store_id, 'raw_order_items' as dataset,
        concat(items.order_id, '-', items.line_number) as row_id,
        'order_missing' as reason, items.first_delivered_on as pending_since_on,
        items.gross_amount - items.discount_amount as amount, items.source_file, items.source_row
    from items
    left join orders
        on items.store_id = orders.store_id and items.order_id = orders.order_id
    where orders.order_id is null
),

empty_orders as (
    select
        orders.store_id, 'raw_orders' as dataset, orders.order_id as row_id,
        'lines_missing' as reason, orders.first_delivered_on as pending_since_on,
        orders.shipping_amount - orders.order_discount_amount as amount, orders.source_file,
        orders.source_row
    from orders
    left join items
        on orders.store_id = items.store_id and orders.order_id = items.order_id
    where items.order_id is null
),

orphan_refunds as (
    select
        refunds.store_id, 'raw_refunds' as dataset,
        concat(refunds.refund_id, '-', refunds.line_number) as row_id,
        'order_missing' as reason, refunds.first_delivered_on as pending_since_on, refunds.amount,
        refunds.source_file, refunds.source_row
    from refunds
    left join orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    where refunds.order_id is not null and orders.order_id is null
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

refunded as (
    select
        store_id,
        order_id,
        sum(quantity) as quantity,
        sum(amount) as amount,
        sum(tax_amount) as tax_amount
    from refunds
    group by store_id, order_id
),

-- the reversal that a cancelled order waits for: what nobody has refunded of it
unpriced_reversals as (
    select
        orders.store_id, 'raw_orders' as dataset, orders.order_id as row_id,
        'rate_missing' as reason, orders.cancelled_on as pending_since_on,
        orders.order_discount_amount - orders.shipping_amount
        - sum(items.gross_amount - items.discount_amount) + coalesce(refunded.amount, 0) as amount,
        orders.source_file, orders.source_row
    from orders
    inner join abroad on orders.store_id = abroad.store_id
    inner join items
        on orders.store_id = items.store_id and orders.order_id = items.order_id
    left join rates
        on orders.store_id = rates.store_id and orders.cancelled_on = rates.rate_on
    left join refunded
        on orders.store_id = refunded.store_id and orders.order_id = refunded.order_id
    where
        orders.cancelled_on is not null
        and not orders.is_test
        and rates.fx_rate is null
    group by
        orders.store_id, orders.order_id, orders.cancelled_on, orders.order_discount_amount,
        orders.shipping_amount, orders.source_file, orders.source_row, refunded.quantity,
        refunded.amount, refunded.tax_amount
    having
        sum(items.quantity) <> coalesce(refunded.quantity, 0)
        or sum(items.tax_amount) <> coalesce(refunded.tax_amount, 0)
        or orders.shipping_amount - orders.order_discount_amount
        + sum(items.gross_amount - items.discount_amount) <> coalesce(refunded.amount, 0)
),

pending as (
    select * from orphan_lines
    union all
    select * from empty_orders
    union all
    select * from orphan_refunds
    union all
    select * from unpriced_sales
    union all
    select * from unpriced_refunds
    union all
    select * from unpriced_reversals
),

final as (
    select
        pending.store_id,
        pending.dataset,
        pending.row_id,
        pending.reason,
        pending.pending_since_on,
        cast({{ days_between('pending.pending_since_on', 'newest.last_on') }} as integer)
            as pending_days,
        cast(pending.amount as decimal(18, 4)) as amount,
        pending.source_file,
        pending.source_row
    from pending
    left join newest on pending.store_id = newest.store_id
)

select * from final
