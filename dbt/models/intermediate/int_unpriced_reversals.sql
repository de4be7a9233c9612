{{ config(materialized='ephemeral') }}

-- Cancelled and returned orders that wait to be reversed for the rate of that day: those of which
-- anything is left to reverse, kind by kind as in int_unrefunded_lines.
with orders as (
    select * from {{ ref('stg_orders') }}
),

items as (
    select * from {{ ref('stg_order_items') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

-- orders that are reversed on a day without a rate
unpriced_orders as (
    select orders.*, reversals.reversed_on
    from {{ ref('int_reversals') }} as reversals
    inner join orders
        on reversals.store_id = orders.store_id and reversals.order_id = orders.order_id
    inner join {{ source('raw', 'stores') }} as stores on orders.store_id = stores.store_id
    left join rates
        on orders.store_id = rates.store_id and reversals.reversed_on = rates.rate_on
    where rates.fx_rate is null and {{ needs_rate('stores') }}
),

lines as (
    select
        items.store_id, items.order_id, items.line_kind, items.quantity,
        items.gross_amount - items.discount_amount as amount, items.tax_amount
    from items
    inner join unpriced_orders as orders
        on items.store_id = orders.store_id and items.order_id = orders.order_id
),

-- where an order's own discount lies: on its product lines, if it has any
discounted as (
    select
        store_id,
        order_id,
        coalesce(max(case when line_kind = 'product' then line_kind end), min(line_kind))
            as line_kind
    from lines
    group by store_id, order_id
),

money as (
    select * from lines
    union all
    select
        orders.store_id, orders.order_id, 'shipping' as line_kind, 0 as quantity,
        orders.shipping_amount as amount, 0 as tax_amount
    from unpriced_orders as orders
    inner join discounted
        on orders.store_id = discounted.store_id and orders.order_id = discounted.order_id
    union all
    select
        orders.store_id, orders.order_id, discounted.line_kind, 0 as quantity,
        -orders.order_discount_amount as amount, 0 as tax_amount
    from unpriced_orders as orders
    inner join discounted
        on orders.store_id = discounted.store_id and orders.order_id = discounted.order_id
),

sold as (
    select
        store_id, order_id, line_kind, sum(quantity) as quantity, sum(amount) as amount,
        sum(tax_amount) as tax_amount
    from money
    group by store_id, order_id, line_kind
),

refunded as (
    select
        store_id, order_id, line_kind, sum(quantity) as quantity, sum(amount) as amount,
        sum(tax_amount) as tax_amount
    from refunds
    group by store_id, order_id, line_kind
),

left_over as (
    select
        sold.store_id,
        sold.order_id,
        {%- for measure in ['quantity', 'amount', 'tax_amount'] %}
        {{ unrefunded('sold.' ~ measure, 'refunded.' ~ measure) }} as {{ measure }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from sold
    left join refunded
        on
            sold.store_id = refunded.store_id
            and sold.order_id = refunded.order_id
            and sold.line_kind = refunded.line_kind
),

final as (
    select
        orders.store_id, 'raw_orders' as dataset, orders.order_id as row_id,
        'rate_missing' as reason, orders.reversed_on as pending_since_on,
        -sum(left_over.amount) as amount, orders.source_file, orders.source_row
    from unpriced_orders as orders
    inner join left_over
        on orders.store_id = left_over.store_id and orders.order_id = left_over.order_id
    where left_over.quantity <> 0 or left_over.amount <> 0 or left_over.tax_amount <> 0
    group by
        orders.store_id, orders.order_id, orders.reversed_on, orders.source_file,
        orders.source_row
)

select * from final
