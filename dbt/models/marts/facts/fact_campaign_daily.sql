{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='spend_on',
    tail_from='changed_on',
) }}
-- Keys lead to dimensions that exist before the fact does.
-- depends_on: {{ ref('dim_campaigns') }}
-- depends_on: {{ ref('dim_channels') }}

with spend as (
    select stg_campaign_spend.*
    from {{ ref('stg_campaign_spend') }} as stg_campaign_spend
    {{ tail('stg_campaign_spend', 'spend_on', 'changed_on') }}
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

campaigns as (
    select * from {{ ref('int_campaign_versions') }}
),

priced as (
    select
        spend.*,
        stores.currency_code,
        {{ day_start('spend.spend_on', 'stores.timezone') }} as spend_at,
        {{ fx_rate() }} as fx_rate
    from spend
    inner join stores on spend.store_id = stores.store_id
    {{ rate_of('spend', 'spend.spend_on') }}
    -- a day whose rate is still to come is pending
    where {{ has_its_rate('stores') }}
),

final as (
    select
        priced.store_id,
        priced.campaign_id,
        priced.spend_on,
        coalesce(campaigns.campaign_key, '0') as campaign_key,
        coalesce(campaigns.channel_key, '0') as channel_key,
        priced.impressions,
        priced.clicks,
        priced.spend_amount,
        priced.currency_code,
        priced.fx_rate,
        {{ money_convert('priced.spend_amount', 'priced.fx_rate') }} as spend_base_amount
    from priced
    {{ as_of('campaigns', 'campaigns', 'campaign_id', 'priced', 'priced.spend_at') }}
)

select * from final
