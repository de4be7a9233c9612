-- One row per customer with a counting order: what they are and what they have brought in.
with orders as (
    select o.store_id, o.customer_id, o.order_id, o.ordered_on, o.cohort_month, o.is_first_order
    from staging.main.int_customer_orders as o
    inner join warehouse.main.store_horizon as h on o.store_id = h.store_id
    where o.ordered_on <= h.last_on
),

customers as (
    select
        store_id,
        customer_id,
        min(cohort_month) as cohort_month,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on,
        count(*) as orders
    from orders
    group by store_id, customer_id
),

-- all lines of an order are of one channel
channels as (
    select orders.store_id, orders.customer_id, min(s.channel) as acquisition_channel
    from orders
    inner join warehouse.main.fact_sales as s
        on orders.store_id = s.store_id and orders.order_id = s.order_id
    where orders.is_first_order
    group by orders.store_id, orders.customer_id
),

-- as in the ladder of the sales KPIs
lines as (
    select
        store_id,
        customer_id,
        ordered_on as event_on,
        net_amount,
        case when line_kind = 'product' then cost_amount end as cost_amount,
        case when line_kind = 'product' then net_amount - cost_amount else net_amount end
            as margin_amount
    from warehouse.main.fact_sales
    where not is_test and line_kind in ('product', 'discount') and customer_id is not null
    union all
    select
        store_id,
        customer_id,
        refunded_on as event_on,
        -amount as net_amount,
        case when line_kind = 'product' then -cost_amount end as cost_amount,
        case
            when line_kind = 'product' and product_id is not null then cost_amount - amount
            else -amount
        end as margin_amount
    from warehouse.main.fact_returns
    where not is_test and line_kind in ('product', 'discount') and customer_id is not null
),

observed as (
    select
        lines.store_id,
        lines.customer_id,
        sum(lines.net_amount) as observed_net_amount,
        case when count(lines.cost_amount) > 0 then sum(lines.margin_amount) end
            as observed_margin_amount
    from lines
    inner join warehouse.main.store_horizon as h on lines.store_id = h.store_id
    where lines.event_on <= h.last_on
    group by lines.store_id, lines.customer_id
)

select
    c.store_id,
    c.customer_id,
    h.last_on as as_of_on,
    stores.currency_code,
    c.cohort_month,
    channels.acquisition_channel,
    c.first_ordered_on,
    c.last_ordered_on,
    c.orders,
    cast(coalesce(observed.observed_net_amount, 0) as decimal(38, 4)) as observed_net_amount,
    cast(observed.observed_margin_amount as decimal(38, 4)) as observed_margin_amount
from customers as c
inner join warehouse.main.store_horizon as h on c.store_id = h.store_id
inner join warehouse.main.dim_stores as stores on c.store_id = stores.store_id
left join channels on c.store_id = channels.store_id and c.customer_id = channels.customer_id
left join observed on c.store_id = observed.store_id and c.customer_id = observed.customer_id
order by c.store_id, c.customer_id
