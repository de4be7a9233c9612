{{ config(materialized='ephemeral') }}

-- Rows that wait for other rows: lines and refunds for their order, orders for their lines, refunds
-- for the line they are of.
with orders as (
    select * from {{ ref('stg_orders') }}
),

items as (
    select * from {{ ref('stg_order_items') }}
),

refunds as (
    select * from {{ ref('stg_refunds') }}
),

known_refunds as (
    select * from {{ ref('int_refunds') }}
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
    left join orders
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
