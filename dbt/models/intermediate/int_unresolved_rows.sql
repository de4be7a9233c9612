{{ config(materialized='ephemeral') }}

-- Rows that wait for other rows: lines and refunds for their order, orders for their lines, refunds
-- for the line they are of.
with refunds as (
    select * from {{ ref('stg_refunds') }}
),

known_refunds as (
    select * from {{ ref('int_refunds') }}
),

-- one join finds the lines without an order and the orders without a line
unmatched as (
    select
        items.store_id, items.order_id, items.line_number, items.first_delivered_on,
        items.gross_amount - items.discount_amount as amount, items.source_file, items.source_row,
        orders.store_id as order_store_id, orders.order_id as empty_order_id,
        orders.first_delivered_on as order_delivered_on,
        orders.shipping_amount - orders.order_discount_amount as order_amount,
        orders.source_file as order_file, orders.source_row as order_row
    from {{ ref('stg_order_items') }} as items
    full outer join {{ ref('stg_orders') }} as orders
        on items.store_id = orders.store_id and items.order_id = orders.order_id
    where items.order_id is null or orders.order_id is null
),

orphan_lines as (
    select
        store_id, 'raw_order_items' as dataset, concat(order_id, '-', line_number) as row_id,
        'order_missing' as reason, first_delivered_on as pending_since_on, amount, source_file,
        source_row
    from unmatched
    where empty_order_id is null
),

empty_orders as (
    select
        order_store_id as store_id, 'raw_orders' as dataset, empty_order_id as row_id,
        'lines_missing' as reason, order_delivered_on as pending_since_on, order_amount as amount,
        order_file as source_file, order_row as source_row
    from unmatched
    where order_id is null
),

orphan_refunds as (
    select
        refunds.store_id, 'raw_refunds' as dataset,
        concat(refunds.refund_id, '-', refunds.line_number) as row_id,
        case when orders.order_id is null then 'order_missing' else 'line_missing' end as reason,
        greatest(
            refunds.first_delivered_on, coalesce(orders.delivered_on, refunds.first_delivered_on)
        ) as pending_since_on,
        refunds.amount, refunds.source_file, refunds.source_row
    from refunds
    left join known_refunds
        on
            refunds.store_id = known_refunds.store_id
            and refunds.refund_id = known_refunds.refund_id
            and refunds.line_number = known_refunds.line_number
    left join {{ ref('stg_orders') }} as orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    where known_refunds.refund_id is null
),

final as (
    select * from orphan_lines
    union all
    select * from empty_orders
    union all
    select * from orphan_refunds
)

select * from final
