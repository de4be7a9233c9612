{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='sales_month',
    tail_from='changed_month',
) }}

{#- A pair in fewer orders tells nothing of its products. -#}
{%- set least_orders = 5 %}

-- An order of hundreds of products has tens of thousands of pairs. A pair is in no more orders
-- than either of its products, so products in too few orders are left out before any are paired;
-- and where orders hold many products, chance pairs many: there a pair must be in more of them.
with orders as (
    select int_orders.store_id, int_orders.order_id, int_orders.order_month as sales_month
    from {{ ref('int_orders') }} as int_orders
    {{ tail('int_orders', 'ordered_on', 'changed_month') }}
    where int_orders.is_counting
),

sales as (
    select fact_sales.*
    from {{ ref('fact_sales') }} as fact_sales
    {{ tail('fact_sales', 'ordered_on', 'changed_month') }}
),

lines as (
    select distinct orders.store_id, orders.sales_month, orders.order_id, sales.product_id
    from sales
    inner join orders
        on sales.store_id = orders.store_id and sales.order_id = orders.order_id
    where
        sales.line_kind = 'product'
        and sales.quantity > 0
        and sales.unit_price > 0
        and sales.product_id is not null
),

counted as (
    select store_id, sales_month, product_id, count(*) as product_orders
    from lines
    group by store_id, sales_month, product_id
),

month_orders as (
    select store_id, sales_month, count(*) as month_orders
    from orders
    group by store_id, sales_month
),

month_products as (
    select store_id, sales_month, cast(sum(product_orders) as bigint) as ordered_products
    from counted
    group by store_id, sales_month
),

months as (
    select
        o.store_id,
        o.sales_month,
        o.month_orders,
        greatest(
            {{ least_orders }},
            cast(ceil(cast(p.ordered_products as double) / o.month_orders) as bigint)
        ) as least_orders
    from month_orders as o
    inner join month_products as p
        on o.store_id = p.store_id and o.sales_month = p.sales_month
),

-- numbered: numbers pair faster than codes
products as (
    select
        counted.store_id,
        counted.sales_month,
        counted.product_id,
        counted.product_orders,
        months.month_orders,
        months.least_orders,
        row_number() over (
            order by counted.store_id, counted.sales_month, counted.product_id
        ) as product_number
    from counted
    inner join months
        on counted.store_id = months.store_id and counted.sales_month = months.sales_month
    where counted.product_orders >= months.least_orders
),

baskets as (
    select lines.store_id, lines.order_id, products.product_number, products.least_orders
    from lines
    inner join products
        on
            lines.store_id = products.store_id
            and lines.sales_month = products.sales_month
            and lines.product_id = products.product_id
),

pairs as (
    select
        one.product_number,
        other.product_number as other_product_number,
        count(*) as pair_orders
    from baskets as one
    inner join baskets as other
        on
            one.store_id = other.store_id
            and one.order_id = other.order_id
            and one.product_number < other.product_number
    group by one.product_number, other.product_number
    having count(*) >= max(one.least_orders)
),

final as (
    select
        one.store_id,
        one.sales_month,
        one.product_id,
        other.product_id as other_product_id,
        pairs.pair_orders,
        one.product_orders,
        other.product_orders as other_product_orders,
        one.month_orders,
        one.least_orders,
        {{ ratio('pairs.pair_orders', 'one.month_orders') }} as support_rate,
        {{ ratio('pairs.pair_orders', 'one.product_orders') }} as confidence_rate,
        {{ ratio('pairs.pair_orders', 'other.product_orders') }} as other_confidence_rate,
        {{ ratio(
            'pairs.pair_orders * one.month_orders', '(one.product_orders * other.product_orders)'
        ) }} as lift
    from pairs
    inner join products as one on pairs.product_number = one.product_number
    inner join products as other on pairs.other_product_number = other.product_number
)

select * from final
