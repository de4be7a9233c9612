/*
number: 6
title: Share of discounts in gross sales, by month and coupon
definition: >
  What was granted of the gross sales of the orders with a coupon, and of those without (empty), by
  calendar month of the store's clock: discounts on product lines (with their share of the order's) and
  discount lines by the day of the order, plus refunds of discounts by their own day, over the gross of
  product lines. All orders but tests. Together a month's rows are its gross and discount sales. The
  last `limit` months.
limit: 6
*/
with heads as (
    select store_id, order_id, coupon_code
    from fact_sales
    group by store_id, order_id, coupon_code
),

lines as (
    select
        store_id, ordered_on as event_on, coupon_code, currency_code, order_id,
        case when line_kind = 'product' then gross_amount else 0 end as gross_amount,
        case when line_kind = 'product' then gross_amount else 0 end - net_amount
            as discount_amount
    from fact_sales
    where not is_test and line_kind in ('product', 'discount')
    union all
    select
        r.store_id, r.refunded_on as event_on, heads.coupon_code, r.currency_code, null as order_id,
        0 as gross_amount, r.amount as discount_amount
    from fact_returns as r
    left join heads on r.store_id = heads.store_id and r.order_id = heads.order_id
    where not r.is_test and r.line_kind = 'discount'
),

months as (
    select
        store_id,
        cast(date_trunc('month', event_on) as date) as sales_month,
        coupon_code,
        currency_code,
        count(distinct order_id) as orders,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount
    from lines
    group by store_id, cast(date_trunc('month', event_on) as date), coupon_code, currency_code
)

select
    store_id,
    sales_month,
    coupon_code,
    currency_code,
    orders,
    gross_amount,
    discount_amount,
    cast(round(discount_amount / nullif(gross_amount, 0), 6) as decimal(18, 6))
        as discount_rate
from months
where store_id = coalesce($store, store_id)
qualify dense_rank() over (partition by store_id order by sales_month desc) <= $limit
order by store_id, sales_month, coupon_code nulls last
