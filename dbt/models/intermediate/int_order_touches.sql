{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='ordered_on',
    group='facts',
) }}
-- Nothing here looks ahead: what leads to an order lies before it.

with orders as (
    select int_orders.*
    from {{ ref('int_orders') }} as int_orders
    {{ tail('int_orders', 'ordered_on') }}
    where int_orders.is_counting
),

sessions as (
    select
        store_id,
        session_id,
        visitor_key,
        customer_id,
        order_id,
        started_at,
        case when campaign_key = '0' then '0' else utm_campaign end as campaign_id,
        channel_key,
        is_direct
    from {{ ref('fact_sessions') }}
),

-- whose sessions an order may be of: those of its customer, and of the visitor who placed it
buyers as (
    select orders.store_id, orders.order_id, sessions.visitor_key
    from orders
    inner join sessions
        on
            orders.store_id = sessions.store_id
            and orders.order_id = sessions.order_id
            and orders.ordered_at >= sessions.started_at
    group by orders.store_id, orders.order_id, sessions.visitor_key
),

pairs as (
    select orders.store_id, orders.order_id, sessions.session_id
    from orders
    inner join sessions
        on
            orders.store_id = sessions.store_id
            and orders.customer_id = sessions.customer_id
            and orders.ordered_at >= sessions.started_at
            and orders.ordered_at < sessions.started_at + {{ attribution_window() }}
    union
    select orders.store_id, orders.order_id, sessions.session_id
    from buyers
    inner join orders
        on buyers.store_id = orders.store_id and buyers.order_id = orders.order_id
    inner join sessions
        on
            buyers.store_id = sessions.store_id
            and buyers.visitor_key = sessions.visitor_key
            and orders.ordered_at >= sessions.started_at
            and orders.ordered_at < sessions.started_at + {{ attribution_window() }}
),

numbered as (
    select
        pairs.store_id,
        pairs.order_id,
        orders.ordered_on,
        orders.order_month,
        pairs.session_id,
        sessions.started_at as touched_at,
        sessions.campaign_id,
        sessions.channel_key,
        sessions.is_direct,
        orders.net_amount,
        orders.net_base_amount,
        orders.margin_amount,
        {{ decayed(seconds_between('sessions.started_at', 'orders.ordered_at')) }} as decayed,
        row_number() over touches as touch_number,
        count(*) over (partition by pairs.store_id, pairs.order_id) as touches
    from pairs
    inner join orders
        on pairs.store_id = orders.store_id and pairs.order_id = orders.order_id
    inner join sessions
        on pairs.store_id = sessions.store_id and pairs.session_id = sessions.session_id
    window touches as (
        partition by pairs.store_id, pairs.order_id
        order by sessions.started_at, pairs.session_id
    )
),

weighed as (
    select
        *,
        coalesce(
            max(case when not is_direct then touch_number end) over (
                partition by store_id, order_id
            ), touches
        ) as non_direct_number,
        sum(decayed) over (
            partition by store_id, order_id order by touch_number
            rows between unbounded preceding and current row
        ) as decayed_until,
        sum(decayed) over (partition by store_id, order_id) as decayed_total
    from numbered
),

-- the part of the whole up to and with each touch
shared as (
    select
        *,
        cast(1 as decimal(18, 8)) as first_touch_until,
        cast(case when touch_number = touches then 1 else 0 end as decimal(18, 8))
            as last_touch_until,
        cast(case when touch_number >= non_direct_number then 1 else 0 end as decimal(18, 8))
            as last_non_direct_until,
        {{ ratio('touch_number', 'touches', 8) }} as linear_until,
        case
            when touch_number = touches then cast(1 as decimal(18, 8))
            when touches = 2 then cast(0.5 as decimal(18, 8))
            else cast(
                0.4 + {{ ratio('2 * (touch_number - 1)', '10 * (touches - 2)', 8) }}
                as decimal(18, 8)
            )
        end as position_based_until,
        {{ ratio('decayed_until', 'decayed_total', 8) }} as time_decay_until
    from weighed
),

final as (
    select
        store_id,
        order_id,
        ordered_on,
        order_month,
        session_id,
        touch_number,
        touches,
        touched_at,
        campaign_id,
        channel_key,
        is_direct,
        {% for model in attribution_models() -%}
        cast({{ model }}_until - lag({{ model }}_until, 1, cast(0 as decimal(18, 8))) over (
            partition by store_id, order_id order by touch_number
        ) as decimal(18, 8)) as {{ model }}_weight,
        {{ model }}_until,
        {% endfor -%}
        net_amount,
        net_base_amount,
        margin_amount
    from shared
)

select * from final
