-- Identity 5: countries = days, per store and month.
{{ config(meta={'dagster': {'ref': {'name': 'kpi_geo_sales'}}}) }}

with days as (
    select
        store_id,
        {{ month_of('sales_on') }} as period_on,
        sum(orders) as orders,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returns_amount) as returns_amount,
        sum(net_amount) as net_amount,
        sum(total_amount) as total_amount
    from {{ ref('kpi_sales_daily') }}
    group by store_id, {{ month_of('sales_on') }}
),

countries as (
    select
        store_id,
        sales_month as period_on,
        sum(orders) as orders,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returns_amount) as returns_amount,
        sum(net_amount) as net_amount,
        sum(total_amount) as total_amount
    from {{ ref('kpi_geo_sales') }}
    group by store_id, sales_month
)

select
    coalesce(days.store_id, countries.store_id) as store_id,
    coalesce(days.period_on, countries.period_on) as period_on,
    days.total_amount as days_total_amount,
    countries.total_amount as countries_total_amount
from days
full outer join countries
    on days.store_id = countries.store_id and days.period_on = countries.period_on
where
    coalesce(days.orders, 0) <> coalesce(countries.orders, 0)
    or coalesce(days.units, 0) <> coalesce(countries.units, 0)
    or coalesce(days.gross_amount, 0) <> coalesce(countries.gross_amount, 0)
    or coalesce(days.returns_amount, 0) <> coalesce(countries.returns_amount, 0)
    or coalesce(days.net_amount, 0) <> coalesce(countries.net_amount, 0)
    or coalesce(days.total_amount, 0) <> coalesce(countries.total_amount, 0)
