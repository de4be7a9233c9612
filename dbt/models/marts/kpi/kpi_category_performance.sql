{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='sales_month',
    tail_from='changed_month',
) }}

-- A line belongs to the category that its own version of the product has: a product that moves
-- later leaves what it sold before where it was sold.
with lines as (
    select
        l.*,
        {{ month_of('l.event_on') }} as sales_month,
        coalesce(products.category, 'unknown') as category
    from {{ ref('int_ladder_lines') }} as l
    {{ tail('l', 'event_on', 'changed_month') }}
    left join {{ ref('dim_products') }} as products on l.product_key = products.product_key
    where l.line_kind = 'product'
),

stores as (
    select store_id, currency_code from {{ source('raw', 'stores') }}
),

sales as (
    select fact_sales.*
    from {{ ref('fact_sales') }} as fact_sales
    {{ tail('fact_sales', 'ordered_on', 'changed_month') }}
),

-- an order counts once in each category of which it has a priced line
baskets as (
    select distinct
        orders.store_id,
        orders.order_id,
        orders.order_month as sales_month,
        coalesce(products.category, 'unknown') as category
    from {{ ref('int_orders') }} as orders
    inner join sales
        on orders.store_id = sales.store_id and orders.order_id = sales.order_id
    left join {{ ref('dim_products') }} as products on sales.product_key = products.product_key
    where
        orders.is_counting
        and sales.line_kind = 'product'
        and sales.quantity > 0
        and sales.unit_price > 0
),

counted as (
    select store_id, sales_month, category, count(*) as orders
    from baskets
    group by store_id, sales_month, category
),

summed as (
    select
        lines.store_id,
        lines.sales_month,
        lines.category,
        count(distinct case when lines.units > 0 then lines.product_id end) as products,
        {{ ladder_totals('lines') }}
        cast(sum(lines.units) as decimal(38, 4)) as units,
        cast(sum(lines.free_units) as decimal(38, 4)) as free_units,
        cast(sum(lines.returned_units) as decimal(38, 4)) as returned_units
    from lines
    group by lines.store_id, lines.sales_month, lines.category
),

ranked as (
    select
        *,
        row_number() over (
            partition by store_id, sales_month order by gross_amount desc, category asc
        ) as gross_rank,
        sum(gross_amount) over (partition by store_id, sales_month) as month_amount
    from summed
),

final as (
    select
        c.store_id,
        c.sales_month,
        c.category,
        stores.currency_code,
        c.products,
        coalesce(counted.orders, 0) as orders,
        c.units,
        c.free_units,
        c.returned_units,
        c.gross_amount,
        c.discount_amount,
        c.returns_amount,
        {{ net('c') }} as net_amount,
        c.cost_amount,
        c.margin_amount,
        {{ net('c', '_base') }} as net_base_amount,
        {{ ratio('c.gross_amount', 'c.month_amount') }} as gross_share_rate,
        c.gross_rank
    from ranked as c
    inner join stores on c.store_id = stores.store_id
    left join counted
        on
            c.store_id = counted.store_id
            and c.sales_month = counted.sales_month
            and c.category = counted.category
)

select * from final
