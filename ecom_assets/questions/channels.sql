/*
number: 5
title: Sales by channel
definition: >
  Net sales by the channel through which the order came: gross less discounts by the day of the order,
  less returns of such orders by the day of the refund, within the days asked for; all orders but
  tests. `orders` are the counting ones placed in these days. `aov` is their month's way: the net of
  all orders placed in these days less what was ever returned of them, over the counting ones. A
  refund that names no order has no channel, nor has an order whose channel was not told.
parameters:
  first_on: {description: the first day, default: 1900-01-01}
  last_on: {description: the last day, default: 9999-12-31}
*/
with heads as (
    select
        store_id,
        order_id,
        channel,
        ordered_on,
        is_valid and not is_adjustment
        and max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1 as is_counting
    from fact_sales
    where not is_test
    group by store_id, order_id, channel, ordered_on, is_valid, is_adjustment
),

lines as (
    select store_id, channel, currency_code, ordered_on, ordered_on as event_on, net_amount
    from fact_sales
    where not is_test and line_kind in ('product', 'discount')
    union all
    select
        r.store_id, heads.channel, r.currency_code, r.ordered_on, r.refunded_on as event_on,
        -r.amount as net_amount
    from fact_returns as r
    left join heads on r.store_id = heads.store_id and r.order_id = heads.order_id
    where not r.is_test and r.line_kind in ('product', 'discount')
),

sold as (
    select
        store_id, channel, currency_code,
        sum(case when event_on between $first_on and $last_on then net_amount else 0 end)
            as net_amount,
        sum(case when ordered_on between $first_on and $last_on then net_amount else 0 end)
            as net_by_order_date_amount
    from lines
    where event_on between $first_on and $last_on or ordered_on between $first_on and $last_on
    group by store_id, channel, currency_code
),

ordered as (
    select store_id, channel, count(*) as orders
    from heads
    where is_counting and ordered_on between $first_on and $last_on
    group by store_id, channel
),

shared as (
    select *, sum(net_amount) over (partition by store_id) as store_amount from sold
)

select
    s.store_id,
    s.channel,
    s.currency_code,
    coalesce(o.orders, 0) as orders,
    s.net_amount,
    cast(round(s.net_amount / nullif(s.store_amount, 0), 6) as decimal(18, 6)) as share_rate,
    cast(round(s.net_by_order_date_amount / nullif(o.orders, 0), 4) as decimal(18, 4)) as aov
from shared as s
left join ordered as o
    on s.store_id = o.store_id and s.channel is not distinct from o.channel
where s.store_id = coalesce($store, s.store_id)
qualify
    row_number() over (
        partition by s.store_id order by s.net_amount desc, s.channel nulls last
    ) <= $limit
order by s.store_id, s.net_amount desc, s.channel nulls last
