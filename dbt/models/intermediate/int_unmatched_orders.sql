{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'order_id'],
    changed='main.int_changed_orders',
) }}
-- Whether an order and its lines have found each other changes with one of them only: years of
-- orders are not looked through for what is missing every day.

with orders as (
    select o.*
    from {{ ref('stg_orders') }} as o
    {{ only_changed('o', ref('int_changed_orders'), ['order_id']) }}
),

items as (
    select i.*
    from {{ ref('stg_order_items') }} as i
    {{ only_changed('i', ref('int_changed_orders'), ['order_id']) }}
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
    from items
    full outer join orders
        on items.store_id = orders.store_id and items.order_id = orders.order_id
    where items.order_id is null or orders.order_id is null
),

final as (
    select
        store_id, order_id, line_number, first_delivered_on,
        cast(amount as decimal(38, 4)) as amount, source_file, source_row
    from unmatched
    where empty_order_id is null
    union all
    select
        order_store_id as store_id, empty_order_id as order_id,
        cast(null as bigint) as line_number, order_delivered_on as first_delivered_on,
        cast(order_amount as decimal(38, 4)) as amount, order_file as source_file,
        order_row as source_row
    from unmatched
    where order_id is null
)

select * from final
