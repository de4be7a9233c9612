-- Identity 5: products = days, per store and month.
{{ config(meta={'dagster': {'ref': {'name': 'kpi_product_performance'}}}) }}

with days as (
    select
        store_id,
        {{ month_of('sales_on') }} as period_on,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returns_amount) as returns_amount
    from {{ ref('kpi_sales_daily') }}
    group by store_id, {{ month_of('sales_on') }}
),

products as (
    select
        store_id,
        sales_month as period_on,
        sum(units) as units,
        sum(gross_amount) as gross_amount,
        sum(returns_amount) as returns_amount
    from {{ ref('kpi_product_performance') }}
    group by store_id, sales_month
)

select
    coalesce(days.store_id, products.store_id) as store_id,
    coalesce(days.period_on, products.period_on) as period_on,
    days.returns_amount as days_returns_amount,
    products.returns_amount as products_returns_amount
from days
full outer join products
    on days.store_id = products.store_id and days.period_on = products.period_on
where
    coalesce(days.units, 0) <> coalesce(products.units, 0)
    or coalesce(days.gross_amount, 0) <> coalesce(products.gross_amount, 0)
    or coalesce(days.returns_amount, 0) <> coalesce(products.returns_amount, 0)
