-- Identities 2 and 3: lines, net amount and shipping of staging = fact + pending.
{{ config(meta={'dagster': {'ref': {'name': 'fact_sales'}}}) }}

with pending as (
    select store_id, count(*) as line_count, sum(amount) as amount
    from {{ ref('pending_rows') }}
    where dataset = 'raw_order_items'
    group by store_id
),

priced_orders as (
    select store_id, order_id from {{ ref('fact_sales') }} group by store_id, order_id
),

shared as (
    select
        orders.store_id,
        sum(orders.order_discount_amount) as discount_amount,
        sum(orders.shipping_amount) as shipping_amount
    from {{ ref('stg_orders') }} as orders
    inner join priced_orders
        on orders.store_id = priced_orders.store_id and orders.order_id = priced_orders.order_id
    group by orders.store_id
),

staged as (
    select store_id, count(*) as line_count, sum(gross_amount - discount_amount) as amount
    from {{ ref('stg_order_items') }}
    group by store_id
),

facts as (
    select
        store_id,
        count(*) as line_count,
        sum(net_amount) as net_amount,
        sum(gross_amount - discount_amount) as recomputed_amount,
        sum(shipping_amount) as shipping_amount
    from {{ ref('fact_sales') }}
    group by store_id
)

select
    staged.*,
    facts.net_amount,
    facts.shipping_amount,
    facts.line_count as fact_line_count,
    pending.line_count as pending_line_count,
    pending.amount as pending_amount
from staged
left join facts on staged.store_id = facts.store_id
left join pending on staged.store_id = pending.store_id
left join shared on staged.store_id = shared.store_id
where
    staged.line_count <> coalesce(facts.line_count, 0) + coalesce(pending.line_count, 0)
    or staged.amount <> coalesce(facts.net_amount, 0) + coalesce(shared.discount_amount, 0)
    + coalesce(pending.amount, 0)
    or coalesce(facts.net_amount, 0) <> coalesce(facts.recomputed_amount, 0)
    or coalesce(facts.shipping_amount, 0) <> coalesce(shared.shipping_amount, 0)
