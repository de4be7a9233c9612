/*
number: 2
title: Growth on the month and the year before
definition: >
  Net sales (gross less discounts and returns, each on its own day) and counting orders of calendar
  months of the store's clock, and their growth on the month before and on the same month of the year
  before: the difference over the earlier value. Null where either month is not over or the earlier value
  is not above 0.
limit: 13
*/
select
    store_id,
    sales_month,
    is_complete,
    currency_code,
    net_amount,
    net_growth_on_month_rate,
    net_growth_on_year_rate,
    orders,
    orders_growth_on_month_rate,
    orders_growth_on_year_rate
from kpi_sales_monthly
where store_id = coalesce($store, store_id)
qualify row_number() over (partition by store_id order by sales_month desc) <= $limit
order by store_id, sales_month
