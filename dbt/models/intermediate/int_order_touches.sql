{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='ordered_on',
    tail_from='changed_on',
    group='facts',
) }}
-- Nothing here looks ahead: what leads to an order lies before it.

with orders as (
    select int_orders.*
    from {{ ref('int_orders') }} as int_orders
    {{ tail('int_orders', 'ordered_on', 'changed_on') }}
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

-- most orders have one touch, which all models credit with the whole
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
        case
            when touches = 1 then cast(1 as decimal(18, 8))
            else cast(
                {{ part_until(model, 'touch_number', 'decayed_until') }}
                - {{ part_until(model, '(touch_number - 1)', '(decayed_until - decayed)') }}
                as decimal(18, 8)
            )
        end as {{ model }}_weight,
        case
            when touches = 1 then cast(1 as decimal(18, 8))
            else {{ part_until(model, 'touch_number', 'decayed_until') }}
        end as {{ model }}_until,
        {% endfor -%}
        net_amount,
        net_base_amount,
        margin_amount
    from weighed
)

select * from final
{{ in_order_of('ordered_on') }}
