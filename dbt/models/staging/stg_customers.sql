{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'customer_id'],
    changed='changed.raw_customers',
) }}

with delivered as (
    {{ delivered('raw_customers', ['customer_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

countries as (
    select country_name, country_code from {{ ref('countries') }}
),

final as (
    select
        delivered.store_id,
        delivered.customer_id,
        row_number() over (
            partition by delivered.store_id, delivered.customer_id order by {{ version_order() }}
        ) as change_number,
        coalesce(
            delivered.updated_at, {{ day_start('delivered.delivered_on', 'stores.timezone') }}
        ) as changed_at,
        delivered.email,
        delivered.full_name,
        delivered.phone,
        delivered.birth_on,
        coalesce(delivered.country_code, countries.country_code) as country_code,
        coalesce(delivered.country_name, delivered.country_code) as country_name,
        delivered.region,
        delivered.city,
        delivered.postal_code,
        delivered.segment,
        delivered.tier,
        delivered.marketing_opt_in,
        delivered.created_at,
        delivered.is_deleted,
        delivered.feed,
        delivered.document_id,
        delivered.delivered_on,
        delivered.source_file,
        delivered.source_row
    from delivered
    inner join stores on delivered.store_id = stores.store_id
    left join countries on delivered.country_name = countries.country_name
    where delivered.is_live
)

select * from final
