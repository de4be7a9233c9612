{{ config(materialized='table') }}

with stores as (
    select * from {{ source('raw', 'stores') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

final as (
    select
        stores.store_id as store_key,
        stores.store_id,
        stores.store_name,
        stores.currency_code,
        cast(coalesce(currencies.minor_units, 2) as integer) as minor_units,
        stores.timezone,
        stores.country_code,
        stores.reporting_currency_code,
        stores.fiscal_year_start_month
    from stores
    left join currencies on stores.currency_code = currencies.currency_code
    union all
    select
        '0' as store_key, '0' as store_id, 'unknown' as store_name, null as currency_code,
        null as minor_units, null as timezone, null as country_code,
        null as reporting_currency_code, null as fiscal_year_start_month
)

select * from final
