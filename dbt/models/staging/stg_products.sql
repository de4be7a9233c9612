{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'product_id'],
    changed='changed.raw_products',
) }}

with delivered as (
    {{ delivered('raw_products', ['product_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

final as (
    select
        delivered.store_id,
        delivered.product_id,
        row_number() over (
            partition by delivered.store_id, delivered.product_id order by {{ version_order() }}
        ) as change_number,
        coalesce(
            delivered.updated_at, {{ day_start('delivered.delivered_on', 'stores.timezone') }}
        ) as changed_at,
        delivered.sku,
        delivered.name,
        delivered.category,
        delivered.subcategory,
        delivered.brand,
        delivered.supplier,
        delivered.unit_price,
        delivered.unit_cost,
        delivered.reorder_point,
        delivered.is_active,
        delivered.is_inferred,
        delivered.is_deleted,
        delivered.feed,
        delivered.document_id,
        delivered.delivered_on,
        delivered.source_file,
        delivered.source_row
    from delivered
    inner join stores on delivered.store_id = stores.store_id
    where delivered.is_live
)

select * from final
