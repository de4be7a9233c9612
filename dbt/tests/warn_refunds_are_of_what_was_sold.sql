{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'fact_returns'}},
        'description':
            'Of no product of an order more was given back than was sold, and nothing that was '
            ~ 'not sold; a refund that names no product is one of its kind. What the shop paid back '
            ~ 'counts all the same; a person should look.',
    },
) }}

with sales as (
    select store_id, order_id, line_kind, product_id, net_amount, shipping_amount
    from {{ ref('fact_sales') }}
),

sold as (
    select store_id, order_id, line_kind, product_id, sum(net_amount) as sold_amount
    from sales
    group by store_id, order_id, line_kind, product_id
    union all
    select store_id, order_id, 'shipping' as line_kind, null as product_id,
        sum(shipping_amount) as sold_amount
    from sales
    group by store_id, order_id
),

returned as (
    select store_id, order_id, line_kind, product_id, sum(amount) as refunded_amount
    from {{ ref('fact_returns') }}
    where order_id is not null and origin = 'delivered'
    group by store_id, order_id, line_kind, product_id
)

select
    returned.store_id,
    returned.order_id,
    returned.line_kind,
    returned.product_id,
    returned.refunded_amount,
    coalesce(sum(sold.sold_amount), 0) as sold_amount
from returned
left join sold
    on
        returned.store_id = sold.store_id
        and returned.order_id = sold.order_id
        and returned.line_kind = sold.line_kind
        and (returned.product_id is null or returned.product_id = sold.product_id)
group by
    returned.store_id, returned.order_id, returned.line_kind, returned.product_id,
    returned.refunded_amount
having
    returned.refunded_amount > 0
    and returned.refunded_amount > coalesce(sum(sold.sold_amount), 0)
