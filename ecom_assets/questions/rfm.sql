/*
number: 10
title: RFM segments, and who moved between them since the month before
definition: >
  Customers with a counting order to date by their RFM segment as of the end of a month (of the last data
  day where it is not over), and the segment they had a month before; empty for those whose first counting
  order is of this month. `monetary_amount` is quantity x price of their priced lines to date.
  `of_segment_rate` is the share of those who are in the segment now. The newest month up to the one asked for.
limit: 150
parameters:
  month: {description: the newest month to tell of (its first day), default: 9999-12-01}
*/
with newest as (
    select store_id, max(sales_month) as sales_month
    from kpi_customer_rfm
    where sales_month <= $month
    group by store_id
),

present as (
    select r.*
    from kpi_customer_rfm as r
    inner join newest as n on r.store_id = n.store_id and r.sales_month = n.sales_month
),

moved as (
    select
        p.store_id,
        p.sales_month,
        p.as_of_on,
        p.segment,
        before.segment as segment_before,
        p.currency_code,
        count(*) as customers,
        sum(p.monetary_amount) as monetary_amount
    from present as p
    left join kpi_customer_rfm as before
        on
            p.store_id = before.store_id
            and p.customer_id = before.customer_id
            and p.sales_month = before.sales_month + interval '1' month
    group by p.store_id, p.sales_month, p.as_of_on, p.segment, before.segment, p.currency_code
)

select
    store_id,
    sales_month,
    as_of_on,
    segment,
    segment_before,
    currency_code,
    customers,
    cast(round(
        customers / sum(customers) over (partition by store_id, segment), 6
    ) as decimal(18, 6)) as of_segment_rate,
    monetary_amount
from moved
where store_id = coalesce($store, store_id)
qualify
    row_number() over (
        partition by store_id order by segment, customers desc, segment_before nulls last
    ) <= $limit
order by store_id, segment, customers desc, segment_before nulls last
