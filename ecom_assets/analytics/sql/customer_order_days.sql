-- One row per customer and day with a counting order: what that day's orders came to, after returns
-- of them until the horizon. Two orders of one day are one purchase.
with refunds as (
    select r.store_id, r.order_id, sum(r.amount) as amount
    from warehouse.main.fact_returns as r
    inner join warehouse.main.store_horizon as h on r.store_id = h.store_id
    where not r.is_test and r.line_kind in ('product', 'discount') and r.order_id is not null
        and r.refunded_on <= h.last_on
    group by r.store_id, r.order_id
)

select
    o.store_id,
    o.customer_id,
    o.ordered_on,
    cast(sum(coalesce(orders.net_amount, 0) - coalesce(refunds.amount, 0)) as decimal(38, 4))
        as net_amount
from staging.main.int_customer_orders as o
inner join staging.main.int_orders as orders
    on o.store_id = orders.store_id and o.order_id = orders.order_id
inner join warehouse.main.store_horizon as h on o.store_id = h.store_id
left join refunds on o.store_id = refunds.store_id and o.order_id = refunds.order_id
where o.ordered_on <= h.last_on
group by o.store_id, o.customer_id, o.ordered_on
order by o.store_id, o.customer_id, o.ordered_on
