{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='started_on',
    tail_from='changed_on',
) }}
-- Keys lead to dimensions that exist before the fact does.
-- depends_on: {{ ref('dim_customers') }}
-- depends_on: {{ ref('dim_campaigns') }}
-- depends_on: {{ ref('dim_channels') }}

with sessions as (
    select int_sessions.*, {{ session_channel('int_sessions') }} as channel
    from {{ ref('int_sessions') }} as int_sessions
    {{ tail('int_sessions', 'started_on', 'changed_on') }}
),

customers as (
    select * from {{ ref('int_customer_versions') }}
),

campaigns as (
    select * from {{ ref('int_campaign_versions') }}
),

final as (
    select
        sessions.store_id,
        sessions.session_id,
        {{ surrogate_key(['sessions.store_id', 'sessions.visitor_id']) }} as visitor_key,
        coalesce(customers.customer_key, '0') as customer_key,
        sessions.customer_id,
        sessions.started_at,
        sessions.started_on,
        sessions.ended_at,
        sessions.events,
        sessions.page_views,
        sessions.product_views,
        sessions.has_product_view,
        sessions.has_cart,
        sessions.has_checkout,
        sessions.has_purchase,
        sessions.cart_at,
        sessions.first_purchased_at,
        sessions.purchased_at,
        sessions.order_id,
        sessions.device,
        sessions.landing_page,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        coalesce(campaigns.campaign_key, '0') as campaign_key,
        case
            when campaigns.channel is not null then campaigns.channel_key
            else {{ channel_key('sessions.store_id', 'sessions.channel') }}
        end as channel_key,
        coalesce(sessions.utm_source, sessions.utm_medium, sessions.utm_campaign) is null
            as is_direct
    from sessions
    {{ as_of('customers', 'customers', 'customer_id', 'sessions', 'sessions.started_at') }}
    left join campaigns
        on
            sessions.store_id = campaigns.store_id
            and sessions.utm_campaign = campaigns.campaign_id
            and sessions.started_at >= campaigns.applies_from
            and sessions.started_at < campaigns.applies_to
)

select * from final
{{ in_order_of('started_on') }}
