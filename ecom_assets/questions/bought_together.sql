/*
number: 20
title: What is bought together
definition: >
  Pairs of products in the most counting orders of a month, by their priced product lines: how many orders
  hold both, their share of the month's orders (support), of those that hold the first product (confidence),
  and how many times as often they are together as chance would have them (lift). Pairs in too few orders
  are not known. Equal ones are ordered by their codes. The newest month with pairs up to the one asked for.
parameters:
  month: {description: the newest month to tell of (its first day), default: 9999-12-01}
*/
with newest as (
    select store_id, max(sales_month) as sales_month
    from kpi_basket_pairs
    where sales_month <= $month
    group by store_id
),

names as (
    select store_id, product_id, name
    from dim_products
    where is_current and store_id <> '0'
)

select
    p.store_id,
    p.sales_month,
    p.product_id,
    n.name as product_name,
    p.other_product_id,
    other.name as other_product_name,
    p.pair_orders,
    p.support_rate,
    p.confidence_rate,
    p.lift
from kpi_basket_pairs as p
inner join newest on p.store_id = newest.store_id and p.sales_month = newest.sales_month
left join names as n on p.store_id = n.store_id and p.product_id = n.product_id
left join names as other on p.store_id = other.store_id and p.other_product_id = other.product_id
where p.store_id = coalesce($store, p.store_id)
qualify
    row_number() over (
        partition by p.store_id order by p.pair_orders desc, p.product_id, p.other_product_id
    ) <= $limit
order by p.store_id, p.pair_orders desc, p.product_id, p.other_product_id
