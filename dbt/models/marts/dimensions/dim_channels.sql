{{ config(materialized='table') }}

-- What orders came in through, and what led people there.
with orders as (
    select store_id, channel
    from {{ ref('stg_orders') }}
    where channel is not null
    group by store_id, channel
),

campaigns as (
    select store_id, channel
    from {{ ref('int_campaign_versions') }}
    where channel is not null
    group by store_id, channel
),

-- campaigns that tell their channel whenever they are asked
telling as (
    select store_id, campaign_id
    from {{ ref('int_campaign_versions') }}
    group by store_id, campaign_id
    having count(*) = count(channel)
),

sessions as (
    select
        sessions.store_id,
        {{ session_channel('sessions') }} as channel
    from {{ ref('int_sessions') }} as sessions
    left join telling
        on
            sessions.store_id = telling.store_id
            and sessions.utm_campaign = telling.campaign_id
    where telling.campaign_id is null
),

channels as (
    select store_id, channel, 1 as is_sales, 0 as is_marketing from orders
    union all
    select store_id, channel, 0 as is_sales, 1 as is_marketing from campaigns
    union all
    select store_id, channel, 0 as is_sales, 1 as is_marketing from sessions
    where channel is not null
),

final as (
    select
        {{ channel_key('store_id', 'channel') }} as channel_key,
        store_id,
        channel,
        max(is_sales) = 1 as is_sales_channel,
        max(is_marketing) = 1 as is_marketing_channel
    from channels
    group by store_id, channel
    union all
    select
        '0' as channel_key, '0' as store_id, 'unknown' as channel, false as is_sales_channel,
        false as is_marketing_channel
)

select * from final
