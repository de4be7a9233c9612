/*
number: 15
title: The top customers, and how much hangs on them
definition: >
  Customers by what they brought in up to now: net sales, that is gross less discounts and returns of all
  orders but tests, with their counting orders. `cumulative_rate` is the share that a customer and all
  larger ones have in the store's net sales, anonymous ones included; `customers_rate` is how large a part
  of the customers with a counting order they are. Equal amounts are ordered by customer.
*/
with counting as (
    select store_id, customer_id, order_id, ordered_on
    from fact_sales
    where is_valid and not is_adjustment and customer_id is not null
    group by store_id, customer_id, order_id, ordered_on
    having max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1
),

buyers as (
    select store_id, customer_id, count(*) as orders, max(ordered_on) as last_ordered_on
    from counting
    group by store_id, customer_id
),

lines as (
    select store_id, customer_id, net_amount
    from fact_sales
    where not is_test and line_kind in ('product', 'discount')
    union all
    select store_id, customer_id, -amount as net_amount
    from fact_returns
    where not is_test and line_kind in ('product', 'discount')
),

brought_in as (
    select store_id, customer_id, sum(net_amount) as net_amount
    from lines
    group by store_id, customer_id
),

stores as (
    select store_id, sum(net_amount) as store_amount
    from brought_in
    group by store_id
),

-- an order may hold neither products nor discounts
customers as (
    select
        b.store_id,
        b.customer_id,
        b.orders,
        b.last_ordered_on,
        coalesce(n.net_amount, 0) as net_amount
    from buyers as b
    left join brought_in as n on b.store_id = n.store_id and b.customer_id = n.customer_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by store_id order by net_amount desc, customer_id
        ) as place,
        sum(net_amount) over (
            partition by store_id order by net_amount desc, customer_id
            rows between unbounded preceding and current row
        ) as cumulative_amount,
        count(*) over (partition by store_id) as customers
    from customers
)

select
    r.store_id,
    r.place,
    r.customer_id,
    s.currency_code,
    r.orders,
    r.last_ordered_on,
    r.net_amount,
    cast(round(r.net_amount / nullif(t.store_amount, 0), 6) as decimal(18, 6)) as share_rate,
    cast(round(r.cumulative_amount / nullif(t.store_amount, 0), 6) as decimal(18, 6))
        as cumulative_rate,
    cast(round(r.place / r.customers, 6) as decimal(18, 6)) as customers_rate
from ranked as r
inner join dim_stores as s on r.store_id = s.store_id
left join stores as t on r.store_id = t.store_id
where r.place <= $limit and r.store_id = coalesce($store, r.store_id)
order by r.store_id, r.place
