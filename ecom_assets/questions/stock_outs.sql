/*
number: 23
title: Stock-out rate, and the sales that were lost
definition: >
  Days on which a product on sale closed with nothing in any warehouse, as share of the days since its
  first receipt on which it was on sale; over the months asked for. The units lost are an estimate: these
  days times the units that all warehouses together sell on a day in stock (over all data), and the sales
  lost are those units at the product's mean price of these months (gross less discounts over units); null
  where it had no sale in them. The largest loss first.
parameters:
  first_month: {description: the first month (its first day), default: 1900-01-01}
  last_month: {description: the last month (its first day), default: 9999-12-01}
*/
with days as (
    select
        store_id,
        product_id,
        currency_code,
        sum(active_days) as active_days,
        sum(stock_out_days) as stock_out_days
    from kpi_inventory_turnover
    where stock_month between $first_month and $last_month
    group by store_id, product_id, currency_code
),

pace as (
    select store_id, product_id, sum(mean_daily_units) as mean_daily_units
    from kpi_inventory_status
    group by store_id, product_id
),

prices as (
    select
        store_id,
        product_id,
        sum(gross_amount - discount_amount) as sold_amount,
        sum(units) as units
    from kpi_product_performance
    where sales_month between $first_month and $last_month
    group by store_id, product_id
),

names as (
    select store_id, product_id, name
    from dim_products
    where is_current and store_id <> '0'
),

lost as (
    select
        d.store_id,
        d.product_id,
        names.name as product_name,
        d.currency_code,
        d.active_days,
        d.stock_out_days,
        pace.mean_daily_units,
        d.stock_out_days * pace.mean_daily_units as lost_units,
        cast(round(
            d.stock_out_days * pace.mean_daily_units * prices.sold_amount
            / nullif(prices.units, 0), 4
        ) as decimal(18, 4)) as lost_sales_amount
    from days as d
    left join pace on d.store_id = pace.store_id and d.product_id = pace.product_id
    left join prices on d.store_id = prices.store_id and d.product_id = prices.product_id
    left join names on d.store_id = names.store_id and d.product_id = names.product_id
    where d.stock_out_days > 0
)

select
    store_id,
    product_id,
    product_name,
    currency_code,
    cast(active_days as bigint) as active_days,
    cast(stock_out_days as bigint) as stock_out_days,
    cast(round(stock_out_days / nullif(active_days, 0), 6) as decimal(18, 6))
        as stock_out_rate,
    mean_daily_units,
    lost_units,
    lost_sales_amount
from lost
where store_id = coalesce($store, store_id)
qualify
    row_number() over (
        partition by store_id order by lost_sales_amount desc nulls last, product_id
    ) <= $limit
order by store_id, lost_sales_amount desc nulls last, product_id
