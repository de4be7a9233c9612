{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='sales_month',
    tail_from='changed_month',
    packed=true,
) }}

with lines as (
    select l.*, {{ month_of('l.event_on') }} as sales_month
    from {{ ref('int_ladder_lines') }} as l
    {{ tail('l', 'event_on', 'changed_month') }}
    where l.line_kind = 'product'
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

products as (
    select * from {{ ref('int_product_versions') }}
),

summed as (
    select
        lines.store_id,
        lines.sales_month,
        coalesce(lines.product_id, '') as product_id,
        {{ ladder_totals('lines') }}
        cast(sum(lines.units) as decimal(38, 4)) as units,
        cast(sum(lines.free_units) as decimal(38, 4)) as free_units,
        cast(sum(lines.returned_units) as decimal(38, 4)) as returned_units
    from lines
    group by lines.store_id, lines.sales_month, coalesce(lines.product_id, '')
),

ranked as (
    select
        *,
        row_number() over (
            partition by store_id, sales_month order by gross_amount desc, product_id asc
        ) as gross_rank,
        sum(gross_amount) over (
            partition by store_id, sales_month order by gross_amount desc, product_id asc
            rows between unbounded preceding and current row
        ) as running_amount,
        sum(gross_amount) over (partition by store_id, sales_month) as month_amount
    from summed
),

dated as (
    select
        ranked.*,
        stores.currency_code,
        {{ moment_before(add_months('ranked.sales_month', 1), 'stores.timezone') }} as month_end_at
    from ranked
    inner join stores on ranked.store_id = stores.store_id
),

final as (
    select
        p.store_id,
        p.sales_month,
        p.product_id,
        products.name as product_name,
        products.category,
        p.currency_code,
        p.units,
        p.free_units,
        p.returned_units,
        p.gross_amount,
        p.discount_amount,
        p.returns_amount,
        {{ net('p') }} as net_amount,
        p.cost_amount,
        p.margin_amount,
        {{ net('p', '_base') }} as net_base_amount,
        {{ ratio('p.gross_amount', 'p.month_amount') }} as gross_share_rate,
        p.gross_rank,
        -- the class that the product begins in: the one that crosses a bound still belongs above
        case
            when p.gross_amount <= 0 then 'C'
            when (p.running_amount - p.gross_amount) * 100 < p.month_amount * 80 then 'A'
            when (p.running_amount - p.gross_amount) * 100 < p.month_amount * 95 then 'B'
            else 'C'
        end as abc_class
    from dated as p
    {{ as_of('products', 'products', 'product_id', 'p', 'p.month_end_at') }}
)

select * from final
{{ in_order_of('sales_month') }}
