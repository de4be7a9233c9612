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
        spend_base_amount,
        cast(attributed_orders as decimal(38, 8)) as orders,
        attributed_net_amount as net_amount,
        attributed_net_base_amount as net_base_amount,
        attributed_margin_amount as margin_amount,
        click_rate,
        cost_per_click_amount,
        attributed_new_customers > attributed_orders as has_more_customers
    from {{ ref('kpi_campaign_performance') }}
),

parts as (
    select
        store_id, {{ month_of('spend_on') }} as performance_month, campaign_id, impressions,
        clicks, spend_amount, spend_base_amount, 0 as orders, 0 as net_amount,
        0 as net_base_amount, 0 as margin_amount
    from {{ ref('fact_campaign_daily') }}
    union all
    select
        store_id, order_month as performance_month, campaign_id, null as impressions,
        null as clicks, 0 as spend_amount, 0 as spend_base_amount, orders, net_amount,
        net_base_amount, margin_amount
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
        coalesce(sum(spend_base_amount), 0) as spend_base_amount,
        sum(orders) as orders,
        sum(net_amount) as net_amount,
        coalesce(sum(net_base_amount), 0) as net_base_amount,
        coalesce(sum(margin_amount), 0) as margin_amount,
        sum(case when impressions is not null then clicks end) as clicks_with_impressions,
        sum(case when clicks is not null then spend_amount end) as spend_with_clicks
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
    {%- for column in ['spend_base_amount', 'net_base_amount', 'margin_amount'] %}
    or coalesce(found.{{ column }}, 0) is distinct from expected.{{ column }}
    {%- endfor %}
    or not (
        {{ is_ratio('found.click_rate', 'expected.clicks_with_impressions', 'expected.impressions', 10) }}
    )
    or not (
        {{ is_ratio('found.cost_per_click_amount', 'expected.spend_with_clicks', 'expected.clicks', 4) }}
    )
    or found.has_more_customers
