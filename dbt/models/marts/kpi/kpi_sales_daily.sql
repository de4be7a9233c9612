{{ config(materialized='incremental', incremental_strategy='tail', tail_column='sales_on') }}

with horizon_days as (
    {{ date_series(ref('store_horizon'), 'first_on', 'last_on', 'sales_on') }}
),

orders as (
    select
        int_orders.store_id, int_orders.ordered_on, int_orders.customer_id,
        numbered.is_first_order
    from {{ ref('int_orders') }} as int_orders
    {{ tail('int_orders', 'ordered_on') }}
    left join {{ ref('int_customer_orders') }} as numbered
        on int_orders.store_id = numbered.store_id and int_orders.order_id = numbered.order_id
    where int_orders.is_counting
),

counted as (
    select
        store_id,
        ordered_on,
        count(*) as orders,
        count(case when is_first_order then 1 end) as new_orders,
        count(case when not is_first_order then 1 end) as returning_orders,
        count(case when customer_id is null then 1 end) as anonymous_orders
    from orders
    group by store_id, ordered_on
),

by_event_day as (
    select
        lines.store_id,
        lines.event_on,
        {{ ladder_totals('lines') }}
        sum(lines.units) as units,
        sum(lines.free_units) as free_units,
        sum(lines.product_lines) as product_lines,
        sum(lines.costed_lines) as costed_lines
    from {{ ref('int_ladder_lines') }} as lines
    {{ tail('lines', 'event_on') }}
    group by lines.store_id, lines.event_on
),

by_order_day as (
    select
        lines.store_id,
        lines.ordered_on,
        {{ total('lines.gross_amount - lines.discount_amount - lines.returns_amount') }}
            as net_amount,
        cast(
            sum(lines.gross_base_amount - lines.discount_base_amount - lines.returns_base_amount)
            as decimal(38, 4)
        ) as net_base_amount
    from {{ ref('int_ladder_lines') }} as lines
    {{ tail('lines', 'ordered_on') }}
    group by lines.store_id, lines.ordered_on
),

stores as (
    select
        store_id,
        currency_code,
        -- what a day without sales comes to in the reporting currency: unknown without any rates
        case
            when has_rates or currency_code = reporting_currency_code then 0
        end as base_zero
    from {{ source('raw', 'stores') }}
),

-- every day of the horizon, and any day beyond it on which something happened all the same
days as (
    select horizon_days.store_id, horizon_days.sales_on from horizon_days
    {{ tail('horizon_days', 'sales_on') }}
    union
    select store_id, event_on as sales_on from by_event_day
    union
    select store_id, ordered_on as sales_on from by_order_day
),

-- closed days have zeros, but costs nobody knows stay unknown
filled as (
    select
        days.store_id,
        days.sales_on,
        {% for column in ladder_columns() -%}
        {% for base in ['', '_base'] -%}
        {% set name = column ~ base ~ '_amount' -%}
        {% if column in ('cost', 'margin') -%}
        e.{{ name }},
        {% else -%}
        case when e.store_id is null then {{ 'stores.base_zero' if base else 0 }} else e.{{ name }}
            end as {{ name }},
        {% endif -%}
        {% endfor -%}
        {% endfor -%}
        coalesce(c.orders, 0) as orders,
        coalesce(c.new_orders, 0) as new_orders,
        coalesce(c.returning_orders, 0) as returning_orders,
        coalesce(c.anonymous_orders, 0) as anonymous_orders,
        coalesce(e.units, 0) as units,
        coalesce(e.free_units, 0) as free_units,
        coalesce(o.net_amount, 0) as net_by_order_date_amount,
        case when o.store_id is null then stores.base_zero else o.net_base_amount end
            as net_by_order_date_base_amount,
        e.product_lines,
        e.costed_lines
    from days
    inner join stores on days.store_id = stores.store_id
    left join by_event_day as e on days.store_id = e.store_id and days.sales_on = e.event_on
    left join by_order_day as o on days.store_id = o.store_id and days.sales_on = o.ordered_on
    left join counted as c on days.store_id = c.store_id and days.sales_on = c.ordered_on
),

final as (
    select
        f.store_id,
        f.sales_on,
        stores.currency_code,
        f.orders,
        f.new_orders,
        f.returning_orders,
        f.anonymous_orders,
        cast(f.units as decimal(38, 4)) as units,
        cast(f.free_units as decimal(38, 4)) as free_units,
        {% for base in ['', '_base'] -%}
        f.gross{{ base }}_amount,
        f.discount{{ base }}_amount,
        f.net_by_order_date{{ base }}_amount,
        f.returns{{ base }}_amount,
        {{ net('f', base) }} as net{{ base }}_amount,
        f.shipping{{ base }}_amount,
        f.tax{{ base }}_amount,
        f.fee{{ base }}_amount,
        f.gift_card{{ base }}_amount,
        f.adjustment{{ base }}_amount,
        {{ ladder_total('f', base) }} as total{{ base }}_amount,
        f.cost{{ base }}_amount,
        f.margin{{ base }}_amount,
        {{ ratio('f.net_by_order_date' ~ base ~ '_amount', 'f.orders', 4) }} as aov{{ base }},
        {% endfor -%}
        {{ ratio('f.costed_lines', 'f.product_lines') }} as known_cost_rate
    from filled as f
    inner join stores on f.store_id = stores.store_id
)

select * from final
