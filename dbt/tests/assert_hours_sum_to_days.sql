-- Identity 5: hours = days, per store and day.
{{ config(meta={'dagster': {'ref': {'name': 'kpi_sales_hourly'}}}) }}

with days as (
    select
        store_id,
        sales_on as period_on,
        sum(orders) as orders,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returns_amount) as returns_amount,
        sum(net_amount) as net_amount,
        sum(total_amount) as total_amount
    from {{ ref('kpi_sales_daily') }}
    group by store_id, sales_on
),

hours as (
    select
        store_id,
        sales_on as period_on,
        sum(orders) as orders,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returns_amount) as returns_amount,
        sum(net_amount) as net_amount,
        sum(total_amount) as total_amount
    from {{ ref('kpi_sales_hourly') }}
    group by store_id, sales_on
)

select
    coalesce(days.store_id, hours.store_id) as store_id,
    coalesce(days.period_on, hours.period_on) as period_on,
    days.total_amount as days_total_amount,
    hours.total_amount as hours_total_amount
from days
full outer join hours
    on days.store_id = hours.store_id and days.period_on = hours.period_on
where
    coalesce(days.orders, 0) <> coalesce(hours.orders, 0)
    or coalesce(days.units, 0) <> coalesce(hours.units, 0)
    or coalesce(days.gross_amount, 0) <> coalesce(hours.gross_amount, 0)
    or coalesce(days.returns_amount, 0) <> coalesce(hours.returns_amount, 0)
    or coalesce(days.net_amount, 0) <> coalesce(hours.net_amount, 0)
    or coalesce(days.total_amount, 0) <> coalesce(hours.total_amount, 0)
