-- Identity 5: months = days, per store and month.
{{ config(meta={'dagster': {'ref': {'name': 'kpi_sales_monthly'}}}) }}

with days as (
    select
        store_id,
        {{ month_of('sales_on') }} as period_on,
        sum(orders) as orders,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returns_amount) as returns_amount,
        sum(net_amount) as net_amount,
        sum(total_amount) as total_amount,
        sum(total_base_amount) as total_base_amount
    from {{ ref('kpi_sales_daily') }}
    group by store_id, {{ month_of('sales_on') }}
),

months as (
    select
        store_id,
        sales_month as period_on,
        sum(orders) as orders,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returns_amount) as returns_amount,
        sum(net_amount) as net_amount,
        sum(total_amount) as total_amount,
        sum(total_base_amount) as total_base_amount
    from {{ ref('kpi_sales_monthly') }}
    group by store_id, sales_month
)

select
    coalesce(days.store_id, months.store_id) as store_id,
    coalesce(days.period_on, months.period_on) as period_on,
    days.total_base_amount as days_total_base_amount,
    months.total_base_amount as months_total_base_amount
from days
full outer join months
    on days.store_id = months.store_id and days.period_on = months.period_on
where
    coalesce(days.orders, 0) <> coalesce(months.orders, 0)
    or coalesce(days.units, 0) <> coalesce(months.units, 0)
    or coalesce(days.gross_amount, 0) <> coalesce(months.gross_amount, 0)
    or coalesce(days.returns_amount, 0) <> coalesce(months.returns_amount, 0)
    or coalesce(days.net_amount, 0) <> coalesce(months.net_amount, 0)
    or coalesce(days.total_amount, 0) <> coalesce(months.total_amount, 0)
    or coalesce(days.total_base_amount, 0) <> coalesce(months.total_base_amount, 0)
