{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_funnel_daily'}},
        'description':
            'The sessions of a day, and those of each step, are those of the fact; no step of any '
            ~ 'day and device is larger than the one before.',
    },
) }}

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
    from {{ ref('kpi_funnel_daily') }}
    group by store_id, started_on
),

facts as (
    select
        store_id,
        started_on,
        {% for step in steps -%}
        count(case when has_{{ step }} then 1 end) as {{ step }}_sessions,
        {% endfor -%}
        count(*) as sessions
    from {{ ref('fact_sessions') }}
    group by store_id, started_on
)

select
    coalesce(funnel.store_id, facts.store_id) as store_id,
    coalesce(funnel.started_on, facts.started_on) as started_on,
    funnel.sessions,
    facts.sessions as fact_sessions
from funnel
full outer join facts
    on funnel.store_id = facts.store_id and funnel.started_on = facts.started_on
where
    funnel.sessions is distinct from facts.sessions
    {%- for step in steps %}
    or funnel.{{ step }}_sessions is distinct from facts.{{ step }}_sessions
    {%- endfor %}
    or funnel.increasing > 0
