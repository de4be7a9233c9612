/*
number: 14
title: New against returning revenue
definition: >
  Net sales by the month of the order: gross less discounts, less all that was given back of the order
  since, split by whether it is its customer's first counting order (by instant, then order, over the
  whole history), a later one, or one of nobody in particular. `not counting` is what else there is:
  cancelled orders with their reversal, orders of free goods alone, adjustments, and refunds that name
  no order, by their own day. All of them are the month's net by order date. The last `limit` months.
limit: 6
*/
with orders as (
    select
        store_id, order_id, customer_id, ordered_at, ordered_on, currency_code,
        is_valid and not is_adjustment
        and max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1 as is_counting,
        sum(case when line_kind in ('product', 'discount') then net_amount else 0 end)
            as sold_amount
    from fact_sales
    where not is_test
    group by
        store_id, order_id, customer_id, ordered_at, ordered_on, currency_code, is_valid,
        is_adjustment
),

numbered as (
    select
        *,
        row_number() over (
            partition by store_id, customer_id, is_counting order by ordered_at, order_id
        ) as place
    from orders
),

classed as (
    select
        *,
        case
            when not is_counting then 'not counting'
            when customer_id is null then 'anonymous'
            when place = 1 then 'new'
            else 'returning'
        end as kind
    from numbered
),

amounts as (
    select store_id, ordered_on, currency_code, kind, order_id, sold_amount as amount
    from classed
    union all
    select
        r.store_id, r.ordered_on, r.currency_code, coalesce(c.kind, 'not counting') as kind,
        null as order_id, -r.amount as amount
    from fact_returns as r
    left join classed as c on r.store_id = c.store_id and r.order_id = c.order_id
    where not r.is_test and r.line_kind in ('product', 'discount')
),

months as (
    select
        store_id,
        cast(date_trunc('month', ordered_on) as date) as sales_month,
        kind,
        currency_code,
        count(order_id) as orders,
        sum(amount) as net_amount,
        sum(sum(amount)) over (
            partition by store_id, cast(date_trunc('month', ordered_on) as date)
        ) as month_amount
    from amounts
    group by store_id, cast(date_trunc('month', ordered_on) as date), kind, currency_code
)

select
    store_id,
    sales_month,
    kind,
    currency_code,
    orders,
    net_amount as net_by_order_date_amount,
    cast(round(net_amount / nullif(month_amount, 0), 6) as decimal(18, 6)) as share_rate,
    case
        when kind <> 'not counting'
            then cast(round(net_amount / nullif(orders, 0), 4) as decimal(18, 4))
    end as net_per_order_amount
from months
where store_id = coalesce($store, store_id)
qualify dense_rank() over (partition by store_id order by sales_month desc) <= $limit
order by store_id, sales_month, kind
