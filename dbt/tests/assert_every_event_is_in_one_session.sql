{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_sessions'}},
        'description':
            'Identity 2 and 3 of web events: every accepted event, told once or often, is in one '
            ~ 'session of its visitor, and none is made up. Of what was judged before, the events '
            ~ 'from the session on that something came of since, and of whoever told of the same.',
    },
) }}

-- depends_on: {{ ref('stg_events') }}
{%- set is_whole = from_the_beginning() %}
{%- set columns -%}
e.store_id, e.event_id, e.visitor_id, e.kind, e.occurred_at, e.delivered_on, e.source_file,
        e.feed, e.document_id, e.source_row
{%- endset %}

with
{% if not is_whole -%}
own as (
    select
        {{ columns }}
    from {{ source('raw', 'raw_events') }} as e
    {{ only_changed('e', source('changed', 'raw_events'), ['visitor_id']) }}
    {{- since_changed('e.occurred_at') }}
),

own_ids as (
    select store_id, event_id, count(*) as tellings from own
    group by store_id, event_id
    {{ guessed_few() }}
),

-- events that somebody else told of too, or of another time: hardly ever any, so that nothing more
-- is read
told_elsewhere as (
    select e.store_id, e.event_id
    from {{ source('raw', 'raw_events') }} as e
    inner join own_ids on e.store_id = own_ids.store_id and e.event_id = own_ids.event_id
    group by e.store_id, e.event_id
    having count(*) > max(own_ids.tellings)
),

others as (
    select distinct e.store_id, e.visitor_id
    from {{ source('raw', 'raw_events') }} as e
    inner join told_elsewhere as t on e.store_id = t.store_id and e.event_id = t.event_id
    left join {{ source('changed', 'raw_events') }} as changed
        on e.store_id = changed.store_id and e.visitor_id = changed.visitor_id
    where changed.visitor_id is null
),

visitors as (
    select store_id, visitor_id, cast('0001-01-01' as timestamp) as judged_from from others
    union all
    select store_id, visitor_id, changed_from as judged_from
    from {{ source('changed', 'raw_events') }}
),

ids as (
    select store_id, event_id from told_elsewhere
    union
    select e.store_id, e.event_id
    from {{ source('raw', 'raw_events') }} as e
    inner join others on e.store_id = others.store_id and e.visitor_id = others.visitor_id
),

heard as (
    select own.*
    from own
    left join ids on own.store_id = ids.store_id and own.event_id = ids.event_id
    where ids.event_id is null
    union all
    select
        {{ columns }}
    from {{ source('raw', 'raw_events') }} as e
    inner join ids on e.store_id = ids.store_id and e.event_id = ids.event_id
),

told as (
    select
        *,
        row_number() over (
            partition by store_id, event_id
            order by {{ version_order('desc', updated_at=false) }}
        ) as recency
    from heard
),

{% else -%}
-- to number all events takes more memory than a first load has
told as (
    select store_id, visitor_id, kind, occurred_at, 1 as recency from {{ ref('stg_events') }}
),

all_told as (
    select store_id, count(distinct event_id) as events
    from {{ source('raw', 'raw_events') }}
    group by store_id
),

{% endif -%}
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
    {% if not is_whole -%}
    inner join visitors
        on
            told.store_id = visitors.store_id
            and told.visitor_id = visitors.visitor_id
            and told.occurred_at >= visitors.judged_from
    {% endif -%}
    where told.recency = 1
    group by told.store_id, told.visitor_id
),

{% if not is_whole -%}
judged as (
    select {{ surrogate_key(['store_id', 'visitor_id']) }} as visitor_key, judged_from
    from visitors
),

{% endif -%}
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
    {%- if not is_whole %}
    inner join judged on f.visitor_key = judged.visitor_key and f.started_at >= judged.judged_from
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
{%- if is_whole %}
union all
select all_told.store_id, 'all events' as visitor_key, all_told.events, sum(staged.events)
from all_told
left join staged on all_told.store_id = staged.store_id
group by all_told.store_id, all_told.events
having all_told.events is distinct from sum(staged.events)
{%- endif %}
