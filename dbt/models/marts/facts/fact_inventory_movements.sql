{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='moved_on',
    tail_from='changed_on',
) }}
-- Keys lead to dimensions that exist before the fact does.
-- depends_on: {{ ref('dim_products') }}

with movements as (
    select stg_inventory_movements.*
    from {{ ref('stg_inventory_movements') }} as stg_inventory_movements
    {{ tail('stg_inventory_movements', 'moved_on', 'changed_on') }}
),

products as (
    select * from {{ ref('int_product_versions') }}
),

warehouses as (
    select * from {{ ref('dim_warehouses') }}
),

final as (
    select
        movements.store_id,
        movements.movement_id,
        coalesce(products.product_key, '0') as product_key,
        movements.product_id,
        coalesce(warehouses.warehouse_key, '0') as warehouse_key,
        movements.warehouse_id,
        movements.kind,
        movements.quantity,
        movements.moved_at,
        movements.moved_on,
        products.unit_cost,
        {{ money_mul('products.unit_cost', 'movements.quantity') }} as cost_amount
    from movements
    left join warehouses
        on
            movements.store_id = warehouses.store_id
            and movements.warehouse_id = warehouses.warehouse_id
    {{ as_of('products', 'products', 'product_id', 'movements', 'movements.moved_at') }}
)

select * from final
{{ in_order_of('moved_on') }}
