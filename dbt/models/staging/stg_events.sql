{{ config(materialized='view') }}

-- A view: 880,000 rows that one model reads are cheaper read twice than kept. Few events are
-- delivered again, so the newest version is looked for among those alone. Each part reads the
-- source itself: what all parts share would be kept in memory with all its columns.
with repeated as (
    select store_id, event_id
    from {{ source('raw', 'raw_events') }}
    group by store_id, event_id
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
    select
        events.store_id, events.event_id, events.occurred_at, events.visitor_id,
        events.customer_id, events.kind, events.order_id, events.url, events.utm_source,
        events.utm_medium, events.utm_campaign, events.device
    from {{ source('raw', 'raw_events') }} as events
    left join repeated
        on events.store_id = repeated.store_id and events.event_id = repeated.event_id
    where repeated.event_id is null
    union all
    select
        store_id, event_id, occurred_at, visitor_id, customer_id, kind, order_id, url, utm_source,
        utm_medium, utm_campaign, device
    from ranked
    where recency = 1
)

select * from final
