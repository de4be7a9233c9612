{{ config(materialized='table') }}

with named as (
    select store_id, warehouse_id
    from {{ ref('stg_inventory_movements') }}
    where warehouse_id is not null
    union
    select store_id, warehouse_id from {{ ref('stg_inventory_counts') }}
),

final as (
    select
        {{ surrogate_key(['store_id', 'warehouse_id']) }} as warehouse_key,
        store_id,
        warehouse_id
    from named
    union all
    select '0' as warehouse_key, '0' as store_id, null as warehouse_id
)

select * from final
