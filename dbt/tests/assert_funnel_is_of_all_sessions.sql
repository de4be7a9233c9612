{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_funnel_daily'}},
        'description':
            'The sessions of the fact are those that the events make, as they make them; those of a '
            ~ 'day, and those of each step, are those of the fact; no step of any day and device '
            ~ 'is larger than the one before.',
    },
) }}

{%- set told = [
    'session_id', 'customer_id', 'started_at', 'ended_at', 'events', 'page_views', 'product_views',
    'has_product_view', 'has_cart', 'has_checkout', 'has_purchase', 'cart_at', 'first_purchased_at',
    'purchased_at', 'order_id', 'device', 'landing_page', 'utm_source', 'utm_medium', 'utm_campaign',
] %}
{%- set steps = ['product_view', 'cart', 'checkout', 'purchase'] %}

with funnel as (
    select
        store_id,
        started_on,
        sum(sessions) as sessions,
        {% for step in steps -%}
        sum({{ step }}_sessions) as {{ step }}_sessions,
        {% endfor -%}
        count(case
            when
                product_view_sessions > sessions
                or cart_sessions > product_view_sessions
                or checkout_sessions > cart_sessions
                or purchase_sessions > checkout_sessions
                then 1
        end) as increasing
    from {{ unjudged(ref('kpi_funnel_daily')) }} as judged_funnel
    group by store_id, started_on
),

facts as (
    select
        store_id,
        started_on,
        {% for step in steps -%}
        count(case when has_{{ step }} then 1 end) as {{ step }}_sessions,
        {% endfor -%}
        count(*) as sessions,
        count(case when is_direct is distinct from (
            coalesce(utm_source, utm_medium, utm_campaign) is null
        ) then 1 end) as misjudged,
        {{ rows_digest(told) }} as digest
    from {{ unjudged(ref('fact_sessions')) }} as judged_sessions
    group by store_id, started_on
),

split as (
    select
        sessions.store_id, sessions.started_on,
        {{ rows_digest(told) }} as digest
    from {{ ref('int_sessions') }} as sessions
    {{ tail('sessions', 'started_on', 'changed_on') }}
    group by sessions.store_id, sessions.started_on
)

select
    coalesce(funnel.store_id, facts.store_id, split.store_id) as store_id,
    coalesce(funnel.started_on, facts.started_on, split.started_on) as started_on,
    funnel.sessions,
    facts.sessions as fact_sessions
from funnel
full outer join facts
    on funnel.store_id = facts.store_id and funnel.started_on = facts.started_on
full outer join split
    on
        coalesce(funnel.store_id, facts.store_id) = split.store_id
        and coalesce(funnel.started_on, facts.started_on) = split.started_on
where
    funnel.sessions is distinct from facts.sessions
    {%- for step in steps %}
    or funnel.{{ step }}_sessions is distinct from facts.{{ step }}_sessions
    {%- endfor %}
    or facts.digest is distinct from split.digest
    or facts.misjudged > 0
    or funnel.increasing > 0
