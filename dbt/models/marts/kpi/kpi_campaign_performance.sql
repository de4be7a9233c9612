{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='performance_month',
    tail_from='changed_month',
) }}
-- The keys lead to a dimension that exists before this table does.
-- depends_on: {{ ref('dim_campaigns') }}

with days as (
    select fact_campaign_daily.*, {{ month_of('fact_campaign_daily.spend_on') }} as spend_month
    from {{ ref('fact_campaign_daily') }} as fact_campaign_daily
    {{ tail('fact_campaign_daily', 'spend_on', 'changed_month') }}
),

-- the touch that the last-non-direct model credits with the whole order
touches as (
    select int_order_touches.*
    from {{ ref('int_order_touches') }} as int_order_touches
    {{ tail('int_order_touches', 'order_month', 'changed_month') }}
    where
        int_order_touches.last_non_direct_weight = 1
        and int_order_touches.campaign_id <> '0'
),

first_orders as (
    select store_id, order_id
    from {{ ref('int_customer_orders') }}
    where is_first_order
),

spent as (
    select
        store_id,
        spend_month as performance_month,
        campaign_id,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(case when impressions is not null then clicks end) as clicks_with_impressions,
        sum(case when clicks is not null then spend_amount end) as spend_with_clicks_amount,
        {{ total('spend_amount') }} as spend_amount,
        cast(sum(spend_base_amount) as decimal(38, 4)) as spend_base_amount
    from days
    group by store_id, spend_month, campaign_id
),

attributed as (
    select
        touches.store_id,
        touches.order_month as performance_month,
        touches.campaign_id,
        count(*) as orders,
        count(first_orders.order_id) as new_customers,
        {{ total('touches.net_amount') }} as net_amount,
        cast(sum(touches.net_base_amount) as decimal(38, 4)) as net_base_amount,
        cast(sum(touches.margin_amount) as decimal(38, 4)) as margin_amount
    from touches
    left join first_orders
        on touches.store_id = first_orders.store_id and touches.order_id = first_orders.order_id
    group by touches.store_id, touches.order_month, touches.campaign_id
),

campaigns as (
    select * from {{ ref('int_campaign_versions') }}
),

stores as (
    select store_id, currency_code, timezone from {{ source('raw', 'stores') }}
),

joined as (
    select
        coalesce(spent.store_id, attributed.store_id) as store_id,
        coalesce(spent.performance_month, attributed.performance_month) as performance_month,
        coalesce(spent.campaign_id, attributed.campaign_id) as campaign_id,
        spent.impressions,
        spent.clicks,
        spent.clicks_with_impressions,
        spent.spend_with_clicks_amount,
        coalesce(spent.spend_amount, 0) as spend_amount,
        case when spent.store_id is null then 0 else spent.spend_base_amount end
            as spend_base_amount,
        coalesce(attributed.orders, 0) as attributed_orders,
        coalesce(attributed.new_customers, 0) as attributed_new_customers,
        coalesce(attributed.net_amount, 0) as attributed_net_amount,
        case when attributed.store_id is null then 0 else attributed.net_base_amount end
            as attributed_net_base_amount,
        case when attributed.store_id is null then 0 else attributed.margin_amount end
            as attributed_margin_amount
    from spent
    full outer join attributed
        on
            spent.store_id = attributed.store_id
            and spent.performance_month = attributed.performance_month
            and spent.campaign_id = attributed.campaign_id
),

dated as (
    select
        joined.*,
        stores.currency_code,
        {{ moment_before(add_months('joined.performance_month', 1), 'stores.timezone') }}
            as month_end_at
    from joined
    inner join stores on joined.store_id = stores.store_id
),

final as (
    select
        dated.store_id,
        dated.performance_month,
        dated.campaign_id,
        coalesce(campaigns.campaign_key, '0') as campaign_key,
        dated.currency_code,
        cast(dated.impressions as bigint) as impressions,
        cast(dated.clicks as bigint) as clicks,
        dated.spend_amount,
        cast(dated.spend_base_amount as decimal(38, 4)) as spend_base_amount,
        dated.attributed_orders,
        dated.attributed_new_customers,
        dated.attributed_net_amount,
        cast(dated.attributed_net_base_amount as decimal(38, 4)) as attributed_net_base_amount,
        cast(dated.attributed_margin_amount as decimal(38, 4)) as attributed_margin_amount,
        {{ ratio('dated.clicks_with_impressions', 'dated.impressions', 10) }} as click_rate,
        {{ ratio('dated.spend_with_clicks_amount', 'dated.clicks', 4) }}
            as cost_per_click_amount,
        {{ ratio('dated.spend_amount', 'dated.attributed_new_customers', 4) }} as cac_amount,
        {{ ratio('dated.attributed_net_amount', 'dated.spend_amount', 10) }} as roas,
        {{ ratio(
            '(dated.attributed_margin_amount - dated.spend_amount)', 'dated.spend_amount', 10
        ) }} as roi
    from dated
    {{ as_of('campaigns', 'campaigns', 'campaign_id', 'dated', 'dated.month_end_at') }}
)

select * from final
