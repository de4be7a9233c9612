/*
number: 9
title: Customers by segment and tier, with revenue and share
definition: >
  All customers the store told of or that ordered, by the segment and tier they have now (the last known
  ones of those who left), how many of them have a counting order, and what all of them brought in up to
  now: net sales, that is gross less discounts and returns of all orders but tests. Sales to nobody in
  particular are a row of their own, `anonymous`; so all rows together are the store's net sales, of which
  the share is told.
limit: 50
*/
with counting as (
    select store_id, customer_id
    from fact_sales
    where is_valid and not is_adjustment and customer_id is not null
    group by store_id, customer_id
    having max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1
),

lines as (
    select store_id, customer_id, net_amount
    from fact_sales
    where not is_test and line_kind in ('product', 'discount')
    union all
    select store_id, customer_id, -amount as net_amount
    from fact_returns
    where not is_test and line_kind in ('product', 'discount')
    union all
    select store_id, customer_id, 0 as net_amount
    from dim_customers
    where is_current and customer_id is not null
    union all
    select store_id, customer_id, 0 as net_amount
    from counting
),

brought_in as (
    select store_id, customer_id, sum(net_amount) as net_amount
    from lines
    group by store_id, customer_id
),

customers as (
    select
        b.store_id,
        b.customer_id,
        b.net_amount,
        counting.customer_id as buyer_id,
        case when b.customer_id is null then 'anonymous' else c.segment end as segment,
        c.tier
    from brought_in as b
    left join dim_customers as c
        on b.store_id = c.store_id and b.customer_id = c.customer_id and c.is_current
    left join counting on b.store_id = counting.store_id and b.customer_id = counting.customer_id
),

groups as (
    select
        store_id, segment, tier,
        count(customer_id) as customers,
        count(buyer_id) as buyers,
        sum(net_amount) as net_amount,
        sum(sum(net_amount)) over (partition by store_id) as store_amount
    from customers
    group by store_id, segment, tier
)

select
    g.store_id,
    g.segment,
    g.tier,
    s.currency_code,
    g.customers,
    g.buyers,
    g.net_amount,
    cast(round(g.net_amount / nullif(g.store_amount, 0), 6) as decimal(18, 6)) as share_rate
from groups as g
inner join dim_stores as s on g.store_id = s.store_id
where g.store_id = coalesce($store, g.store_id)
qualify
    row_number() over (
        partition by g.store_id
        order by g.net_amount desc, g.segment nulls last, g.tier nulls last
    ) <= $limit
order by g.store_id, g.net_amount desc, g.segment nulls last, g.tier nulls last
