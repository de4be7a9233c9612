{{ config(materialized='ephemeral') }}

-- The events of the visitors of whom something changed, from the session on in which it did. Few
-- events are told again, so the newest version is looked for among those alone: whoever told of
-- them first.
{%- set columns = [
    'store_id', 'event_id', 'occurred_at', 'visitor_id', 'customer_id', 'kind', 'order_id', 'url',
    'utm_source', 'utm_medium', 'utm_campaign', 'device',
] %}

with told as (
    select
        {%- for column in columns %}
        events.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ source('raw', 'raw_events') }} as events
    {{ only_changed('events', source('changed', 'raw_events'), ['visitor_id']) }}
    {{- since_changed('events.occurred_at') }}
),

{% if not from_the_beginning() -%}
heard as (
    select store_id, event_id from told
    group by store_id, event_id
    {{ guessed_few() }}
),

{% endif -%}
repeated as (
    select e.store_id, e.event_id
    from {{ source('raw', 'raw_events') }} as e
    {%- if not from_the_beginning() %}
    inner join heard
        on e.store_id = heard.store_id and e.event_id = heard.event_id
    {%- endif %}
    group by e.store_id, e.event_id
    having count(*) > 1
),

ranked as (
    select
        events.*,
        row_number() over (
            partition by events.store_id, events.event_id
            order by {{ version_order('desc', updated_at=false) }}
        ) as recency
    from {{ source('raw', 'raw_events') }} as events
    inner join repeated
        on events.store_id = repeated.store_id and events.event_id = repeated.event_id
),

final as (
    select told.*
    from told
    left join repeated
        on told.store_id = repeated.store_id and told.event_id = repeated.event_id
    where repeated.event_id is null
    union all
    select
        {%- for column in columns %}
        ranked.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from ranked
    {{ only_changed('ranked', source('changed', 'raw_events'), ['visitor_id']) }}
    {{- since_changed('ranked.occurred_at') }}
    where ranked.recency = 1
)

select * from final
