/*
number: 1
title: Revenue, orders and average order value by day or month
definition: >
  The ladder of sales of the store's days or calendar months, each amount on the store-local day on
  which it happened: sales by the order, returns by the refund. All orders but tests; `orders` are
  those that count. `aov` is the net of the orders placed in the period, less what was returned of
  them since, over their number. The last periods; a month that is not over is marked.
limit: 13
parameters:
  by: {description: what a row is of, default: month, choices: [day, month]}
*/
with periods as (
    select
        'month' as period, store_id, sales_month as begins_on, is_complete, currency_code, orders,
        gross_amount, discount_amount, returns_amount, net_amount, total_amount, aov
    from kpi_sales_monthly
    union all
    select
        'day' as period, store_id, sales_on as begins_on, true as is_complete, currency_code,
        orders, gross_amount, discount_amount, returns_amount, net_amount, total_amount, aov
    from kpi_sales_daily
)

select
    store_id, begins_on, is_complete, currency_code, orders, gross_amount, discount_amount,
    returns_amount, net_amount, total_amount, aov
from periods
where period = $by and store_id = coalesce($store, store_id)
qualify row_number() over (partition by store_id order by begins_on desc) <= $limit
order by store_id, begins_on
