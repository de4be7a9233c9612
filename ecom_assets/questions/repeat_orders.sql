/*
number: 12
title: Repeat rate and days between orders
definition: >
  As of the end of each month (of the last data day where it is not over): customers with two or more
  counting orders over those with one or more, and the days between consecutive counting orders of a
  customer (by instant, then order), over all pairs up to then: their mean, median and 90th percentile, which
  is the store's lapse point. The last `limit` months.
limit: 13
*/
with orders as (
    select store_id, order_id, customer_id, ordered_at, ordered_on
    from fact_sales
    where is_valid and not is_adjustment and customer_id is not null
    group by store_id, order_id, customer_id, ordered_at, ordered_on
    having max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1
),

followed as (
    select
        store_id,
        ordered_on,
        lag(ordered_on) over (
            partition by store_id, customer_id order by ordered_at, order_id
        ) as previous_on
    from orders
),

gaps as (
    select store_id, ordered_on, date_diff('day', previous_on, ordered_on) as days
    from followed
    where previous_on is not null
),

months as (
    select *
    from kpi_customers_monthly
    where store_id = coalesce($store, store_id)
    qualify row_number() over (partition by store_id order by sales_month desc) <= $limit
),

between_orders as (
    select
        m.store_id,
        m.sales_month,
        count(*) as gaps,
        cast(round(sum(g.days) / count(*), 6) as decimal(18, 6)) as mean_days_between,
        cast(median(g.days) as decimal(18, 1)) as median_days_between
    from months as m
    inner join gaps as g on m.store_id = g.store_id and m.as_of_on >= g.ordered_on
    group by m.store_id, m.sales_month
)

select
    m.store_id,
    m.sales_month,
    m.as_of_on,
    m.customers_to_date,
    m.repeat_customers,
    m.repeat_rate,
    coalesce(b.gaps, 0) as pairs_of_orders,
    b.mean_days_between,
    b.median_days_between,
    m.lapse_days
from months as m
left join between_orders as b on m.store_id = b.store_id and m.sales_month = b.sales_month
order by m.store_id, m.sales_month
