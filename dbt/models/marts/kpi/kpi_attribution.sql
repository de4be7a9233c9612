{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='order_month',
    tail_from='changed_month',
) }}

{%- set models = attribution_models() %}

with touches as (
    select int_order_touches.*
    from {{ ref('int_order_touches') }} as int_order_touches
    {{ tail('int_order_touches', 'order_month', 'changed_month') }}
),

orders as (
    select int_orders.*
    from {{ ref('int_orders') }} as int_orders
    {{ tail('int_orders', 'order_month', 'changed_month') }}
    where int_orders.is_counting
),

-- all models side by side: there are fewer campaigns than touches
credited as (
    select
        store_id,
        order_month,
        campaign_id,
        channel_key,
        {% for model in models -%}
        sum({{ model }}_weight) as {{ model }}_orders,
        {{ total(credit('net_amount', model)) }} as {{ model }}_amount,
        cast(sum({{ credit('net_base_amount', model) }}) as decimal(38, 4))
            as {{ model }}_base_amount,
        cast(sum({{ credit('margin_amount', model) }}) as decimal(38, 4))
            as {{ model }}_margin_amount
        {{- "," if not loop.last }}
        {% endfor %}
    from touches
    group by store_id, order_month, campaign_id, channel_key
),

touched as (
    select store_id, order_id from touches
    where touch_number = 1
),

-- orders that no session led to
untouched as (
    select
        orders.store_id,
        orders.order_month,
        count(*) as orders,
        {{ total('orders.net_amount') }} as amount,
        cast(sum(orders.net_base_amount) as decimal(38, 4)) as base_amount,
        cast(sum(orders.margin_amount) as decimal(38, 4)) as margin_amount
    from orders
    left join touched
        on orders.store_id = touched.store_id and orders.order_id = touched.order_id
    where touched.order_id is null
    group by orders.store_id, orders.order_month
),

stacked as (
    {% for model in models -%}
    select
        store_id, order_month, '{{ model }}' as attribution_model, true as is_attributed,
        campaign_id, channel_key, {{ model }}_orders as orders, {{ model }}_amount as net_amount,
        {{ model }}_base_amount as net_base_amount, {{ model }}_margin_amount as margin_amount
    from credited
    where {{ model }}_orders > 0
    union all
    select
        store_id, order_month, '{{ model }}' as attribution_model, false as is_attributed,
        '0' as campaign_id, '0' as channel_key, orders, amount as net_amount,
        base_amount as net_base_amount, margin_amount
    from untouched
    {{ "union all" if not loop.last }}
    {% endfor %}
),

stores as (
    select store_id, currency_code from {{ source('raw', 'stores') }}
),

final as (
    select
        stacked.store_id,
        stacked.order_month,
        stacked.attribution_model,
        stacked.is_attributed,
        stacked.channel_key,
        stacked.campaign_id,
        stores.currency_code,
        cast(stacked.orders as decimal(38, 8)) as orders,
        stacked.net_amount,
        stacked.net_base_amount,
        stacked.margin_amount
    from stacked
    inner join stores on stacked.store_id = stores.store_id
)

select * from final
