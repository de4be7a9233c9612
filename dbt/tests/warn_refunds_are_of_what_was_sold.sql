{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'fact_returns'}},
        'description':
            'Of no product of an order more was given back than was sold, and nothing that was '
            ~ 'not sold; a refund that names no product is judged with all of its kind. What the '
            ~ 'shop paid back counts all the same; a person should look.',
    },
) }}

with refunds as (
    select store_id, order_id, line_kind, product_id, amount
    from {{ ref('fact_returns') }}
    where order_id is not null and origin = 'delivered'
),

refunded as (
    select store_id, order_id from refunds
    group by store_id, order_id
),

sales as (
    select
        fact_sales.store_id, fact_sales.order_id, fact_sales.line_kind, fact_sales.product_id,
        fact_sales.net_amount, fact_sales.shipping_amount
    from {{ ref('fact_sales') }} as fact_sales
    inner join refunded
        on fact_sales.store_id = refunded.store_id and fact_sales.order_id = refunded.order_id
),

amounts as (
    select
        store_id, order_id, line_kind, product_id,
        net_amount as sold_amount, 0 as named_amount, 0 as unnamed_amount
    from sales
    union all
    select
        store_id, order_id, 'shipping' as line_kind, null as product_id,
        shipping_amount as sold_amount, 0 as named_amount, 0 as unnamed_amount
    from sales
    union all
    select
        store_id, order_id, line_kind, product_id,
        0 as sold_amount,
        case when product_id is not null then amount else 0 end as named_amount,
        case when product_id is null then amount else 0 end as unnamed_amount
    from refunds
),

by_product as (
    select
        store_id, order_id, line_kind, product_id,
        sum(named_amount) as named_amount, sum(unnamed_amount) as unnamed_amount,
        sum(sold_amount) as sold_amount
    from amounts
    group by store_id, order_id, line_kind, product_id
),

compared as (
    select
        store_id, order_id, line_kind, product_id, named_amount as refunded_amount, sold_amount
    from by_product
    where named_amount > 0
    union all
    select
        store_id, order_id, line_kind, null as product_id,
        sum(named_amount) + sum(unnamed_amount) as refunded_amount, sum(sold_amount) as sold_amount
    from by_product
    group by store_id, order_id, line_kind
    having sum(unnamed_amount) > 0
)

-- what was sold on a day whose rate is still to come is not known to be less
select store_id, order_id, line_kind, product_id, refunded_amount, sold_amount
from compared
where
    refunded_amount > sold_amount
    and exists (
        select 1 from sales
        where sales.store_id = compared.store_id and sales.order_id = compared.order_id
    )
