/*
number: 4
title: Sales by country and region
definition: >
  Net sales by the place an order is sent to: gross less discounts by the day of the order, less
  returns by the day and place of the refund, within the days asked for; all orders but tests. `orders`
  and `customers` are of the counting orders placed in these days; an anonymous order has no customer.
  The share is that of the store's net sales of these days. Largest net first; an empty region or
  country is one that nobody told.
parameters:
  by: {description: what a row is of, default: region, choices: [country, region]}
  first_on: {description: the first day, default: 1900-01-01}
  last_on: {description: the last day, default: 9999-12-31}
*/
with places as (
    select
        geography_key,
        country_name,
        case when $by = 'region' then region end as region
    from dim_geography
),

counting as (
    select store_id, order_id, customer_id, geography_key
    from fact_sales
    where is_valid and not is_adjustment and ordered_on between $first_on and $last_on
    group by store_id, order_id, customer_id, geography_key
    having max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1
),

ordered as (
    select
        c.store_id, p.country_name, p.region,
        count(*) as orders,
        count(distinct c.customer_id) as customers
    from counting as c
    inner join places as p on c.geography_key = p.geography_key
    group by c.store_id, p.country_name, p.region
),

lines as (
    select store_id, geography_key, currency_code, net_amount
    from fact_sales
    where
        not is_test and line_kind in ('product', 'discount')
        and ordered_on between $first_on and $last_on
    union all
    select store_id, geography_key, currency_code, -amount as net_amount
    from fact_returns
    where
        not is_test and line_kind in ('product', 'discount')
        and refunded_on between $first_on and $last_on
),

sold as (
    select
        l.store_id, p.country_name, p.region, l.currency_code,
        sum(l.net_amount) as net_amount,
        sum(sum(l.net_amount)) over (partition by l.store_id) as store_amount
    from lines as l
    inner join places as p on l.geography_key = p.geography_key
    group by l.store_id, p.country_name, p.region, l.currency_code
)

select
    s.store_id,
    s.country_name,
    s.region,
    s.currency_code,
    coalesce(o.orders, 0) as orders,
    coalesce(o.customers, 0) as customers,
    s.net_amount,
    cast(round(s.net_amount / nullif(s.store_amount, 0), 6) as decimal(18, 6)) as share_rate
from sold as s
left join ordered as o
    on
        s.store_id = o.store_id
        and s.country_name is not distinct from o.country_name
        and s.region is not distinct from o.region
where s.store_id = coalesce($store, s.store_id)
qualify
    row_number() over (
        partition by s.store_id
        order by s.net_amount desc, s.country_name nulls last, s.region nulls last
    ) <= $limit
order by s.store_id, s.net_amount desc, s.country_name nulls last, s.region nulls last
