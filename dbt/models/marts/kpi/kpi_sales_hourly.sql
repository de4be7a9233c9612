{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='sales_on',
    tail_from='changed_on',
) }}

-- Hours of the store's clock with at least one order, sale line or return; in the night that
-- has an hour twice, that hour is one row.
with lines as (
    select l.*
    from {{ ref('int_ladder_lines') }} as l
    {{ tail('l', 'event_on', 'changed_on') }}
),

orders as (
    select
        int_orders.store_id,
        int_orders.ordered_on as sales_on,
        int_orders.ordered_hour as sales_hour,
        count(*) as orders
    from {{ ref('int_orders') }} as int_orders
    {{ tail('int_orders', 'ordered_on', 'changed_on') }}
    where int_orders.is_counting
    group by int_orders.store_id, int_orders.ordered_on, int_orders.ordered_hour
),

summed as (
    select
        lines.store_id,
        lines.event_on as sales_on,
        lines.event_hour as sales_hour,
        {{ ladder_totals('lines') }}
        sum(lines.units) as units
    from lines
    group by lines.store_id, lines.event_on, lines.event_hour
),

stores as (
    select store_id, currency_code from {{ source('raw', 'stores') }}
),

final as (
    select
        s.store_id,
        s.sales_on,
        cast(s.sales_hour as integer) as sales_hour,
        stores.currency_code,
        coalesce(orders.orders, 0) as orders,
        cast(s.units as decimal(38, 4)) as units,
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
            and s.sales_on = orders.sales_on
            and s.sales_hour = orders.sales_hour
)

select * from final
