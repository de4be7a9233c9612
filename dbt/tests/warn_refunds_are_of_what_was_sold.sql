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
    select store_id, order_id, line_kind, product_id, sum(amount) as amount
    from {{ ref('fact_returns') }}
    where order_id is not null and origin = 'delivered'
    group by store_id, order_id, line_kind, product_id
),

-- kinds of which something was given back that names no product: hardly ever any
unnamed as (
    select store_id, order_id, line_kind
    from refunds
    where product_id is null and amount > 0
),

sold as (
    select
        sales.store_id, sales.order_id, sales.line_kind, sales.net_amount as amount
    from {{ ref('fact_sales') }} as sales
    inner join unnamed
        on
            sales.store_id = unnamed.store_id
            and sales.order_id = unnamed.order_id
            and sales.line_kind = unnamed.line_kind
    union all
    select sales.store_id, sales.order_id, 'shipping' as line_kind, sales.shipping_amount as amount
    from {{ ref('fact_sales') }} as sales
    inner join unnamed on sales.store_id = unnamed.store_id and sales.order_id = unnamed.order_id
    where unnamed.line_kind = 'shipping'
),

compared as (
    select
        refunds.store_id, refunds.order_id, refunds.line_kind, refunds.product_id,
        max(refunds.amount) as refunded_amount, coalesce(sum(sales.net_amount), 0) as sold_amount
    from refunds
    left join {{ ref('fact_sales') }} as sales
        on
            refunds.store_id = sales.store_id
            and refunds.order_id = sales.order_id
            and refunds.line_kind = sales.line_kind
            and refunds.product_id = sales.product_id
    where refunds.product_id is not null and refunds.amount > 0
    group by refunds.store_id, refunds.order_id, refunds.line_kind, refunds.product_id
    union all
    select
        store_id, order_id, line_kind, null as product_id,
        sum(refunded_amount) as refunded_amount, sum(sold_amount) as sold_amount
    from (
        select
            refunds.store_id, refunds.order_id, refunds.line_kind,
            refunds.amount as refunded_amount, 0 as sold_amount
        from refunds
        inner join unnamed
            on
                refunds.store_id = unnamed.store_id
                and refunds.order_id = unnamed.order_id
                and refunds.line_kind = unnamed.line_kind
        union all
        select store_id, order_id, line_kind, 0 as refunded_amount, amount as sold_amount
        from sold
    ) as by_kind
    group by store_id, order_id, line_kind
),

suspicious as (
    select * from compared
    where refunded_amount > sold_amount
)

-- what was sold on a day whose rate is still to come is not known to be less
select *
from suspicious
where exists (
    select 1 from {{ ref('fact_sales') }} as sales
    where sales.store_id = suspicious.store_id and sales.order_id = suspicious.order_id
)
