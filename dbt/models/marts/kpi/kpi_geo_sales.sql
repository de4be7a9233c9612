{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='sales_month',
    tail_from='changed_month',
) }}

with lines as (
    select l.*, {{ month_of('l.event_on') }} as sales_month
    from {{ ref('int_ladder_lines') }} as l
    {{ tail('l', 'event_on', 'changed_month') }}
),

geography as (
    select * from {{ ref('dim_geography') }}
),

stores as (
    select store_id, currency_code from {{ source('raw', 'stores') }}
),

orders as (
    select
        int_orders.store_id,
        int_orders.order_month as sales_month,
        coalesce(int_orders.ship_country_name, 'unknown') as country_name,
        count(*) as orders,
        count(distinct int_orders.customer_id) as customers
    from {{ ref('int_orders') }} as int_orders
    {{ tail('int_orders', 'ordered_on', 'changed_month') }}
    where int_orders.is_counting
    group by
        int_orders.store_id, int_orders.order_month,
        coalesce(int_orders.ship_country_name, 'unknown')
),

summed as (
    select
        lines.store_id,
        lines.sales_month,
        coalesce(geography.country_name, 'unknown') as country_name,
        max(geography.country_code) as country_code,
        {{ ladder_totals('lines') }}
        cast(sum(lines.units) as decimal(38, 4)) as units
    from lines
    left join geography on lines.geography_key = geography.geography_key
    group by lines.store_id, lines.sales_month, coalesce(geography.country_name, 'unknown')
),

final as (
    select
        s.store_id,
        s.sales_month,
        s.country_name,
        s.country_code,
        stores.currency_code,
        coalesce(orders.orders, 0) as orders,
        coalesce(orders.customers, 0) as customers,
        s.units,
        {% for base in ['', '_base'] -%}
        s.gross{{ base }}_amount,
        s.discount{{ base }}_amount,
        s.returns{{ base }}_amount,
        {{ net('s', base) }} as net{{ base }}_amount,
        {{ ladder_total('s', base) }} as total{{ base }}_amount{{ "," if not loop.last }}
        {% endfor -%}
    from summed as s
    inner join stores on s.store_id = stores.store_id
    left join orders
        on
            s.store_id = orders.store_id
            and s.sales_month = orders.sales_month
            and s.country_name = orders.country_name
)

select * from final
