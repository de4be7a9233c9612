{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='stock_month',
    tail_from='changed_month',
) }}

with months as (
    select m.*
    from {{ ref('int_month_ends') }} as m
    {{ tail('m', 'sales_month', 'changed_month') }}
),

products as (
    select * from {{ ref('int_product_versions') }}
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

-- a balance in each month that it reaches into
spans as (
    select
        months.sales_month as stock_month,
        months.as_of_on,
        months.is_complete,
        f.*,
        f.stock_on >= months.sales_month as is_of_month,
        greatest(f.stock_on, months.sales_month) as from_on,
        least(coalesce(f.valid_until_on, months.as_of_on + 1), months.as_of_on + 1) as until_on
    from {{ ref('fact_inventory_daily') }} as f
    inner join months
        on
            f.store_id = months.store_id
            and f.stock_on <= months.as_of_on
            and {{ until('f') }} > months.sales_month
            {{- and_not_before(until('f'), 'changed_month') }}
),

summed as (
    select
        store_id,
        stock_month,
        as_of_on,
        is_complete,
        product_id,
        cast({{ days_between('min(from_on)', 'as_of_on') }} + 1 as integer) as stocked_days,
        {{ total(
            'case when not is_of_month then closing_quantity'
            ~ ' when stock_on = stock_month then opening_quantity end'
        ) }} as opening_quantity,
        {% for column in ['received', 'sold', 'returned', 'adjusted'] -%}
        {{ total('case when is_of_month then ' ~ column ~ '_quantity end') }}
            as {{ column }}_quantity,
        {% endfor -%}
        {{ total('case when until_on > as_of_on then closing_quantity end') }}
            as closing_quantity,
        {% for base in ['', '_base'] -%}
        case
            when count(case when is_of_month then 1 end)
                = count(case when is_of_month then cost_of_sales{{ base }}_amount end)
                then {{ total('case when is_of_month then cost_of_sales' ~ base ~ '_amount end') }}
        end as cost_of_sales{{ base }}_amount,
        case
            when count(*) = count(closing_value{{ base }}_amount)
                then {{ total(
                    'closing_value' ~ base ~ '_amount * ' ~ days_between('from_on', 'until_on')
                ) }}
        end as value{{ base }}_days{{ "," if not loop.last }}
        {% endfor %}
    from spans
    group by store_id, stock_month, as_of_on, is_complete, product_id
),

stocked as (
    select
        s.store_id,
        months.sales_month as stock_month,
        s.product_id,
        s.closing_quantity,
        greatest(s.stock_on, months.sales_month) as from_on,
        least(s.valid_until_on, months.as_of_on + 1) as until_on
    from {{ ref('int_product_stock') }} as s
    inner join months
        on
            s.store_id = months.store_id
            and s.stock_on <= months.as_of_on
            and s.valid_until_on > months.sales_month
),

days as (
    {{ days_on_sale(
        'stocked', ['store_id', 'stock_month', 'product_id', 'closing_quantity'], 'from_on'
    ) }}
),

active as (
    select
        store_id,
        stock_month,
        product_id,
        sum(days) as active_days,
        sum(case when closing_quantity <= 0 then days else 0 end) as stock_out_days
    from days
    group by store_id, stock_month, product_id
),

dated as (
    select
        summed.*,
        stores.currency_code,
        {{ moment_before('(summed.as_of_on + 1)', 'stores.timezone') }}
            as evening_at
    from summed
    inner join stores on summed.store_id = stores.store_id
),

final as (
    select
        d.store_id,
        d.stock_month,
        d.product_id,
        products.name as product_name,
        products.category,
        d.as_of_on,
        d.is_complete,
        d.currency_code,
        d.opening_quantity,
        d.received_quantity,
        d.sold_quantity,
        d.returned_quantity,
        d.adjusted_quantity,
        d.closing_quantity,
        d.stocked_days,
        d.cost_of_sales_amount,
        d.cost_of_sales_base_amount,
        {{ ratio('d.value_days', 'd.stocked_days', 4) }} as average_value_amount,
        {{ ratio('d.value_base_days', 'd.stocked_days', 4) }} as average_value_base_amount,
        case when d.value_days > 0
            then {{ ratio('d.cost_of_sales_amount * d.stocked_days', 'd.value_days') }}
        end as turnover,
        case when d.opening_quantity + d.received_quantity > 0
            then cast(least(1, greatest(0, {{ ratio(
                'd.sold_quantity', '(d.opening_quantity + d.received_quantity)'
            ) }})) as decimal(18, 6))
        end as sell_through_rate,
        cast(coalesce(active.active_days, 0) as integer) as active_days,
        cast(coalesce(active.stock_out_days, 0) as integer) as stock_out_days,
        {{ ratio('active.stock_out_days', 'active.active_days') }} as stock_out_rate
    from dated as d
    left join active
        on
            d.store_id = active.store_id
            and d.stock_month = active.stock_month
            and d.product_id = active.product_id
    {{ as_of('products', 'products', 'product_id', 'd', 'd.evening_at') }}
)

select * from final
