{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_sessions'}},
        'description':
            'Identity 2 and 3 of web events: every accepted event, told once or often, is in one '
            ~ 'session of its visitor, and none is made up. Of what was judged before, the events '
            ~ 'of visitors of whom something came since.',
    },
) }}

{%- set changed = source('changed', 'raw_events') %}

with told as (
    select
        store_id, event_id, visitor_id, kind, occurred_at,
        row_number() over (
            partition by store_id, event_id
            order by {{ version_order('desc', updated_at=false) }}
        ) as recency
    from {{ source('raw', 'raw_events') }}
    {%- if not execute or not flags.FULL_REFRESH %}
    -- whoever else told of them
    where (store_id, event_id) in (
        select (heard.store_id, heard.event_id)
        from {{ source('raw', 'raw_events') }} as heard
        {{ only_changed('heard', changed, ['visitor_id']) }}
    )
    {%- endif %}
),

staged as (
    select
        told.store_id,
        {{ surrogate_key(['told.store_id', 'told.visitor_id']) }} as visitor_key,
        count(*) as events,
        count(case when told.kind = 'page_view' then 1 end) as page_views,
        count(case when told.kind = 'product_view' then 1 end) as product_views,
        min(told.occurred_at) as first_at,
        max(told.occurred_at) as last_at
    from told
    {{ only_changed('told', changed, ['visitor_id']) }}
    where told.recency = 1
    group by told.store_id, told.visitor_id
),
{%- if not execute or not flags.FULL_REFRESH %}

judged as (
    select distinct {{ surrogate_key(['store_id', 'visitor_id']) }} as visitor_key
    from {{ changed }}
),
{%- endif %}

facts as (
    select
        f.store_id,
        f.visitor_key,
        sum(f.events) as events,
        sum(f.page_views) as page_views,
        sum(f.product_views) as product_views,
        min(f.started_at) as first_at,
        max(f.ended_at) as last_at
    from {{ ref('fact_sessions') }} as f
    {%- if not execute or not flags.FULL_REFRESH %}
    inner join judged on f.visitor_key = judged.visitor_key
    {%- endif %}
    group by f.store_id, f.visitor_key
)

select
    coalesce(staged.store_id, facts.store_id) as store_id,
    coalesce(staged.visitor_key, facts.visitor_key) as visitor_key,
    staged.events,
    facts.events as session_events
from staged
full outer join facts
    on staged.store_id = facts.store_id and staged.visitor_key = facts.visitor_key
where
    staged.events is distinct from facts.events
    or staged.page_views is distinct from facts.page_views
    or staged.product_views is distinct from facts.product_views
    or staged.first_at is distinct from facts.first_at
    or staged.last_at is distinct from facts.last_at
