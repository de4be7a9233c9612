/*
number: 17
title: Top and bottom products by revenue, units or margin
definition: >
  Products with the most and the least net sales (gross less discounts and returns, each on its own day),
  units sold (priced, before returns) or margin (net less cost as of the sale) over the months asked for.
  All orders but tests. A product whose measure is unknown, such as the margin where the cost is, is in
  neither list. Equal ones are ordered by product. `limit` of each end.
limit: 10
parameters:
  by: {description: the measure, default: net, choices: [net, units, margin]}
  first_month: {description: the first month (its first day), default: 1900-01-01}
  last_month: {description: the last month (its first day), default: 9999-12-01}
*/
with products as (
    select
        store_id,
        product_id,
        currency_code,
        sum(units) as units,
        sum(returned_units) as returned_units,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount
    from kpi_product_performance
    where sales_month between $first_month and $last_month
    group by store_id, product_id, currency_code
),

measured as (
    select
        *,
        case $by when 'net' then net_amount when 'units' then units else margin_amount end
            as measure
    from products
),

ranked as (
    select
        *,
        row_number() over (partition by store_id order by measure desc, product_id) as from_top,
        row_number() over (partition by store_id order by measure, product_id) as from_bottom
    from measured
    where measure is not null
),

ends as (
    select *, 'top' as list, from_top as place from ranked
    union all
    select *, 'bottom' as list, from_bottom as place from ranked
),

names as (
    select store_id, product_id, name
    from dim_products
    where is_current and store_id <> '0'
)

select
    e.store_id,
    e.list,
    e.place,
    e.product_id,
    n.name as product_name,
    e.currency_code,
    e.units,
    e.returned_units,
    e.net_amount,
    e.margin_amount
from ends as e
left join names as n on e.store_id = n.store_id and e.product_id = n.product_id
where e.place <= $limit and e.store_id = coalesce($store, e.store_id)
order by e.store_id, e.list desc, e.place
