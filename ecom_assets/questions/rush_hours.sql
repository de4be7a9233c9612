/*
number: 3
title: Revenue by hour of day and weekday
definition: >
  Sales before returns (gross less discounts) and counting orders by weekday (1 is Monday) and hour of
  the store's clock at which they were placed (a discount granted later: of that), over all data.
  Returns are left out: they come at hours
  of their own, and the reversal of a cancelled order has none. A cancelled order keeps its sales, as
  everywhere, and is not among the orders. `sales_per_day_amount` is the sum over the number of such
  weekdays from the first to the last day of the store's data. Hours in which nothing was ever sold or
  returned are left out.
limit: 168
*/
with weekdays as (
    select h.store_id, d.iso_weekday, count(*) as days
    from store_horizon as h
    inner join dim_date as d
        on h.store_id = d.store_id and d.date_on between h.first_on and h.last_on
    group by h.store_id, d.iso_weekday
),

hours as (
    select
        s.store_id,
        d.iso_weekday,
        s.sales_hour,
        s.currency_code,
        sum(s.orders) as orders,
        sum(s.gross_amount - s.discount_amount) as sales_amount
    from kpi_sales_hourly as s
    inner join dim_date as d on s.store_id = d.store_id and s.sales_on = d.date_on
    group by s.store_id, d.iso_weekday, s.sales_hour, s.currency_code
)

select
    h.store_id,
    h.iso_weekday,
    h.sales_hour,
    h.currency_code,
    w.days,
    cast(h.orders as bigint) as orders,
    h.sales_amount,
    cast(round(h.sales_amount / nullif(w.days, 0), 4) as decimal(18, 4)) as sales_per_day_amount
from hours as h
left join weekdays as w on h.store_id = w.store_id and h.iso_weekday = w.iso_weekday
where h.store_id = coalesce($store, h.store_id)
qualify row_number() over (partition by h.store_id order by h.iso_weekday, h.sales_hour) <= $limit
order by h.store_id, h.iso_weekday, h.sales_hour
