{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_campaign_performance'}},
        'description':
            'Impressions, clicks and spend of all campaigns and months are those of their '
            ~ 'days; attributed orders and amounts are those of the last-non-direct model.',
    },
) }}

with found as (
    select
        store_id,
        performance_month,
        campaign_id,
        impressions,
        clicks,
        spend_amount,
        cast(attributed_orders as decimal(38, 8)) as orders,
        attributed_net_amount as net_amount
    from {{ ref('kpi_campaign_performance') }}
),

parts as (
    select
        store_id, {{ month_of('spend_on') }} as performance_month, campaign_id, impressions,
        clicks, spend_amount, 0 as orders, 0 as net_amount
    from {{ ref('fact_campaign_daily') }}
    union all
    select
        store_id, order_month as performance_month, campaign_id, null as impressions,
        null as clicks, 0 as spend_amount, orders, net_amount
    from {{ ref('kpi_attribution') }}
    where attribution_model = 'last_non_direct' and campaign_id <> '0'
),

expected as (
    select
        store_id,
        performance_month,
        campaign_id,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(spend_amount) as spend_amount,
        sum(orders) as orders,
        sum(net_amount) as net_amount
    from parts
    group by store_id, performance_month, campaign_id
)

select
    coalesce(found.store_id, expected.store_id) as store_id,
    coalesce(found.performance_month, expected.performance_month) as performance_month,
    coalesce(found.campaign_id, expected.campaign_id) as campaign_id
from found
full outer join expected
    on
        found.store_id = expected.store_id
        and found.performance_month = expected.performance_month
        and found.campaign_id = expected.campaign_id
where
    found.impressions is distinct from expected.impressions
    or found.clicks is distinct from expected.clicks
    or found.spend_amount is distinct from expected.spend_amount
    or found.orders is distinct from expected.orders
    or found.net_amount is distinct from expected.net_amount
