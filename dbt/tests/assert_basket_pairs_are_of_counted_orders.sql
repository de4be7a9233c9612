{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_basket_pairs'}},
        'description':
            'The orders of a month are those of its days, the orders of a product and of the'
            ~ ' most frequent pair of a month those of the facts; a pair is in no more orders'
            ~ ' than either product, and in no fewer than are listed.',
    },
) }}

with pairs as (
    select
        *,
        min(least_orders) over (partition by store_id, sales_month) as least_of_month
    from {{ unjudged(ref('kpi_basket_pairs')) }} as judged_pairs
),

stated as (
    select store_id, sales_month, product_id, product_orders from pairs
    union
    select store_id, sales_month, other_product_id, other_product_orders from pairs
),

lines as (
    select distinct
        stated.store_id, stated.sales_month, stated.product_id, sales.order_id
    from {{ unjudged(ref('fact_sales'), from='changed_month') }} as sales
    inner join stated
        on
            sales.store_id = stated.store_id
            and sales.product_id = stated.product_id
            and {{ month_of('sales.ordered_on') }} = stated.sales_month
    inner join {{ ref('int_orders') }} as orders
        on sales.store_id = orders.store_id and sales.order_id = orders.order_id
    where
        orders.is_counting
        and sales.line_kind = 'product'
        and sales.quantity > 0
        and sales.unit_price > 0
),

counted as (
    select store_id, sales_month, product_id, count(*) as product_orders
    from lines
    group by store_id, sales_month, product_id
),

top_pairs as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by store_id, sales_month
                order by pair_orders desc, product_id asc, other_product_id asc
            ) as pair_rank
        from pairs
    ) as ranked
    where pair_rank = 1
),

top_counted as (
    select
        top_pairs.store_id,
        top_pairs.sales_month,
        top_pairs.pair_orders,
        count(*) as counted_orders
    from top_pairs
    inner join lines as one
        on
            top_pairs.store_id = one.store_id
            and top_pairs.sales_month = one.sales_month
            and top_pairs.product_id = one.product_id
    inner join lines as other
        on
            one.store_id = other.store_id
            and one.order_id = other.order_id
            and top_pairs.other_product_id = other.product_id
    group by top_pairs.store_id, top_pairs.sales_month, top_pairs.pair_orders
),

months as (
    select store_id, {{ month_of('sales_on') }} as sales_month, sum(orders) as orders
    from {{ ref('kpi_sales_daily') }}
    group by store_id, {{ month_of('sales_on') }}
)

select pairs.store_id, pairs.sales_month, pairs.product_id, pairs.other_product_id
from pairs
left join months on pairs.store_id = months.store_id and pairs.sales_month = months.sales_month
where
    pairs.month_orders is distinct from months.orders
    or pairs.least_orders < 5
    or pairs.least_orders <> pairs.least_of_month
    or pairs.pair_orders < pairs.least_orders
    or pairs.pair_orders > pairs.product_orders
    or pairs.pair_orders > pairs.other_product_orders
    or pairs.product_id >= pairs.other_product_id
union all
select stated.store_id, stated.sales_month, stated.product_id, null as other_product_id
from stated
left join counted
    on
        stated.store_id = counted.store_id
        and stated.sales_month = counted.sales_month
        and stated.product_id = counted.product_id
where stated.product_orders is distinct from counted.product_orders
union all
select store_id, sales_month, null as product_id, null as other_product_id
from top_counted
where pair_orders <> counted_orders
