/*
number: 7
title: Refund rate by product and reason
definition: >
  What was given back of products, by product and the store's reason (`cancelled` where a whole order
  was), as share of what was sold of the product: refunded over net of product lines (gross less
  discounts), and units over units. Sales by the day of the order and refunds by their own, within the
  days asked for; all orders but tests. `sold_amount` is the product's and stands beside each of its
  reasons. The largest amounts given back first; an empty reason was not told.
parameters:
  first_on: {description: the first day, default: 1900-01-01}
  last_on: {description: the last day, default: 9999-12-31}
*/
with sold as (
    select
        store_id,
        product_id,
        sum(net_amount) as sold_amount,
        sum(quantity) as sold_units
    from fact_sales
    where
        not is_test and line_kind = 'product' and ordered_on between $first_on and $last_on
    group by store_id, product_id
),

refunded as (
    select
        store_id, product_id, reason, currency_code,
        sum(amount) as refunded_amount,
        sum(quantity) as refunded_units
    from fact_returns
    where
        not is_test and line_kind = 'product' and refunded_on between $first_on and $last_on
    group by store_id, product_id, reason, currency_code
),

products as (
    select store_id, product_id, name
    from dim_products
    where is_current and store_id <> '0'
)

select
    r.store_id,
    r.product_id,
    p.name as product_name,
    r.reason,
    r.currency_code,
    r.refunded_units,
    r.refunded_amount,
    s.sold_amount,
    cast(round(r.refunded_amount / nullif(s.sold_amount, 0), 6) as decimal(18, 6))
        as refund_rate,
    cast(round(r.refunded_units / nullif(s.sold_units, 0), 6) as decimal(18, 6))
        as refunded_units_rate
from refunded as r
left join sold as s
    on r.store_id = s.store_id and r.product_id is not distinct from s.product_id
left join products as p on r.store_id = p.store_id and r.product_id = p.product_id
where r.store_id = coalesce($store, r.store_id)
qualify
    row_number() over (
        partition by r.store_id
        order by r.refunded_amount desc, r.product_id nulls last, r.reason nulls last
    ) <= $limit
order by r.store_id, r.refunded_amount desc, r.product_id nulls last, r.reason nulls last
