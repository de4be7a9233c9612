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
    select store_id, customer_id, currency_code, net_amount
    from fact_sales
    where not is_test and line_kind in ('product', 'discount')
    union all
    select store_id, customer_id, currency_code, -amount as net_amount
    from fact_returns
    where not is_test and line_kind in ('product', 'discount')
),

brought_in as (
    select
        store_id, customer_id, currency_code,
        sum(net_amount) as net_amount,
        sum(sum(net_amount)) over (partition by store_id) as store_amount
    from lines
    group by store_id, customer_id, currency_code
),

ranked as (
    select
        n.store_id,
        n.customer_id,
        n.currency_code,
        b.orders,
        b.last_ordered_on,
        n.net_amount,
        n.store_amount,
        row_number() over (
            partition by n.store_id order by n.net_amount desc, n.customer_id
        ) as place,
        sum(n.net_amount) over (
            partition by n.store_id order by n.net_amount desc, n.customer_id
            rows between unbounded preceding and current row
        ) as cumulative_amount,
        count(*) over (partition by n.store_id) as customers
    from brought_in as n
    inner join buyers as b on n.store_id = b.store_id and n.customer_id = b.customer_id
)

select
    store_id,
    place,
    customer_id,
    currency_code,
    orders,
    last_ordered_on,
    net_amount,
    cast(round(net_amount / nullif(store_amount, 0), 6) as decimal(18, 6)) as share_rate,
    cast(round(cumulative_amount / nullif(store_amount, 0), 6) as decimal(18, 6))
        as cumulative_rate,
    cast(round(place / customers, 6) as decimal(18, 6)) as customers_rate
from ranked
where place <= $limit and store_id = coalesce($store, store_id)
order by store_id, place
