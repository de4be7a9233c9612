{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_sessions'}},
        'description':
            'Identity 2 and 3 of web events: every accepted event, told once or often, is in one '
            ~ 'session of its visitor, and none is made up.',
    },
) }}

with told as (
    select store_id, count(distinct event_id) as events
    from {{ source('raw', 'raw_events') }}
    group by store_id
),

by_visitor as (
    select
        store_id,
        visitor_id,
        count(*) as events,
        count(case when kind = 'page_view' then 1 end) as page_views,
        count(case when kind = 'product_view' then 1 end) as product_views,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from {{ ref('stg_events') }}
    group by store_id, visitor_id
),

kept as (
    select store_id, sum(events) as events from by_visitor
    group by store_id
),

staged as (
    select *, {{ surrogate_key(['store_id', 'visitor_id']) }} as visitor_key from by_visitor
),

facts as (
    select
        store_id,
        visitor_key,
        sum(events) as events,
        sum(page_views) as page_views,
        sum(product_views) as product_views,
        min(started_at) as first_at,
        max(ended_at) as last_at
    from {{ ref('fact_sessions') }}
    group by store_id, visitor_key
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
union all
select told.store_id, 'all events' as visitor_key, told.events, kept.events as session_events
from told
left join kept on told.store_id = kept.store_id
where told.events is distinct from kept.events
