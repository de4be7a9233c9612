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

channels as (
    select store_id, channel, 1 as is_sales, 0 as is_marketing from orders
    union all
    select store_id, channel, 0 as is_sales, 1 as is_marketing from campaigns
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
