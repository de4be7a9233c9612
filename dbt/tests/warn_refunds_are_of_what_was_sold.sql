-- Of no product of an order more was given back than was sold, and nothing that was not sold. What
-- the shop paid back counts all the same; a person should look.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fact_returns'}}}) }}

with sold as (
    select
        store_id,
        order_id,
        line_kind,
        product_id,
        sum(net_amount) as sold_amount
    from {{ ref('fact_sales') }}
    group by store_id, order_id, line_kind, product_id
),

shipped as (
    select store_id, order_id, sum(shipping_amount) as shipping_amount
    from {{ ref('fact_sales') }}
    group by store_id, order_id
),

returned as (
    select
        store_id,
        order_id,
        line_kind,
        product_id,
        sum(amount) as refunded_amount
    from {{ ref('fact_returns') }}
    where order_id is not null and origin = 'delivered'
    group by store_id, order_id, line_kind, product_id
)

select
    returned.*,
    coalesce(sold.sold_amount, 0)
    + case when returned.line_kind = 'shipping' then shipped.shipping_amount else 0 end
        as sold_amount
from returned
inner join shipped
    on returned.store_id = shipped.store_id and returned.order_id = shipped.order_id
left join sold
    on
        returned.store_id = sold.store_id
        and returned.order_id = sold.order_id
        and returned.line_kind = sold.line_kind
        and returned.product_id is not distinct from sold.product_id
where
    returned.refunded_amount > 0
    and returned.refunded_amount > coalesce(sold.sold_amount, 0)
    + case when returned.line_kind = 'shipping' then shipped.shipping_amount else 0 end
