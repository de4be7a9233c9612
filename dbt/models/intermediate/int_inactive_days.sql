{{ config(materialized='ephemeral') }}

-- Half-open spans of days in whose evening a product is off sale, or gone.
with versions as (
    select * from {{ ref('int_product_versions') }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

final as (
    select
        versions.store_id,
        versions.product_id,
        case
            when versions.is_first then cast('1900-01-01' as date)
            else versions.valid_from_on
        end as inactive_from_on,
        coalesce(
            {{ local_day('versions.valid_to', 'stores.timezone') }}, cast('9999-12-31' as date)
        ) as inactive_until_on
    from versions
    inner join stores on versions.store_id = stores.store_id
    where versions.is_deleted or not versions.is_active
)

select * from final
