{{ config(materialized='table') }}

-- For what depends on an order and its lines alike.
with final as (
    select store_id, order_id from {{ source('changed', 'raw_orders') }}
    union
    select store_id, order_id from {{ source('changed', 'raw_order_items') }}
)

select * from final
