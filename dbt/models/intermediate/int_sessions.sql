{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'visitor_id'],
    changed='changed.raw_events',
    changed_from='started_at',
    changed_on=['c.started_on'],
) }}
-- The sessions of the visitors of whom something changed, from that on in which it did: a late
-- event may join two of them.

with events as (
    select stg_events.*, {{ funnel_step('stg_events.kind') }} as step
    from {{ ref('stg_events') }} as stg_events
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

ordered as (
    select
        *,
        row_number() over visits as event_number,
        case
            when occurred_at <= lag(occurred_at) over visits + {{ session_gap() }} then 0
            else 1
        end as is_start
    from events
    window visits as (
        partition by store_id, visitor_id order by occurred_at, step, event_id
    )
),

numbered as (
    select
        *,
        sum(is_start) over (
            partition by store_id, visitor_id order by event_number
            rows between unbounded preceding and current row
        ) as session_number,
        case when coalesce(utm_source, utm_medium, utm_campaign) is not null then event_number end
            as tagged_number
    from ordered
),

sessions as (
    select
        store_id,
        visitor_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as events,
        count(case when kind = 'page_view' then 1 end) as page_views,
        count(case when kind = 'product_view' then 1 end) as product_views,
        {{ joined_text(step_letter('kind'), 'event_number') }} as steps,
        min(case when kind = 'add_to_cart' then occurred_at end) as cart_at,
        min(case when kind = 'purchase' then occurred_at end) as first_purchased_at,
        max(case when kind = 'purchase' then occurred_at end) as purchased_at,
        min_by(customer_id, case when customer_id is not null then event_number end)
            as customer_id,
        min_by(order_id, case when order_id is not null then event_number end) as order_id,
        min_by(device, case when device is not null then event_number end) as device,
        min_by(url, case when url is not null then event_number end) as url,
        nullif(min_by(coalesce(utm_source, ''), tagged_number), '') as utm_source,
        nullif(min_by(coalesce(utm_medium, ''), tagged_number), '') as utm_medium,
        nullif(min_by(coalesce(utm_campaign, ''), tagged_number), '') as utm_campaign
    from numbered
    group by store_id, visitor_id, session_number
),

final as (
    select
        {{ surrogate_key([
            'sessions.store_id', 'sessions.visitor_id', instant_text('sessions.started_at')
        ]) }} as session_id,
        sessions.store_id,
        sessions.visitor_id,
        sessions.customer_id,
        sessions.started_at,
        {{ local_day('sessions.started_at', 'stores.timezone') }} as started_on,
        sessions.ended_at,
        sessions.events,
        sessions.page_views,
        sessions.product_views,
        coalesce(sessions.steps like '%v%', false) as has_product_view,
        coalesce(sessions.steps like '%v%a%', false) as has_cart,
        coalesce(sessions.steps like '%v%a%c%', false) as has_checkout,
        coalesce(sessions.steps like '%v%a%c%p%', false) as has_purchase,
        sessions.cart_at,
        sessions.first_purchased_at,
        sessions.purchased_at,
        sessions.order_id,
        sessions.device,
        {{ url_path('sessions.url') }} as landing_page,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign
    from sessions
    inner join stores on sessions.store_id = stores.store_id
)

select * from final
{{ in_order_of('started_on') }}
