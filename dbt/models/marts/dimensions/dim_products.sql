{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'product_id'],
    changed='changed.raw_products',
) }}

with versions as (
    select v.*
    from {{ ref('int_product_versions') }} as v
    {{ only_changed('v', source('changed', 'raw_products'), ['product_id']) }}
),

final as (
    select
        product_key,
        store_id,
        product_id,
        sku,
        name,
        category,
        subcategory,
        brand,
        supplier,
        unit_price,
        unit_cost,
        reorder_point,
        is_active,
        is_deleted,
        valid_from,
        valid_to,
        is_current
    from versions
    union all
    select
        '0' as product_key,
        '0' as store_id,
        null as product_id,
        null as sku,
        null as name,
        null as category,
        null as subcategory,
        null as brand,
        null as supplier,
        null as unit_price,
        null as unit_cost,
        null as reorder_point,
        null as is_active,
        false as is_deleted,
        cast('1900-01-01 00:00:00' as timestamp) as valid_from,
        null as valid_to,
        true as is_current
    {{ unless_held('product_key') }}
)

select * from final
