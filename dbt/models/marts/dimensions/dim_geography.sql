{{ config(materialized='table') }}

with sales as (
    select distinct ship_country_code, ship_country_name, ship_region, ship_city
    from {{ ref('stg_orders') }}
),

returns as (
    select distinct country_code, country_name from {{ ref('stg_refunds') }}
),

customers as (
    select distinct country_code, country_name, region, city
    from {{ ref('int_customer_versions') }}
),

places as (
    select
        ship_country_code as country_code, ship_country_name as country_name,
        ship_region as region, ship_city as city
    from sales
    union
    -- returns know the country of their order only
    select ship_country_code, ship_country_name, null as region, null as city from sales
    union
    select country_code, country_name, null as region, null as city from returns
    union
    select country_code, country_name, region, city from customers
),

final as (
    select
        {{ geography_key('country_code', 'country_name', 'region', 'city') }} as geography_key,
        country_code,
        country_name,
        region,
        city
    from places
    where coalesce(country_code, country_name, region, city) is not null
    union all
    select
        '0' as geography_key, null as country_code, 'unknown' as country_name, null as region,
        null as city
)

select * from final
