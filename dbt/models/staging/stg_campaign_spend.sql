{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'campaign_id', 'spend_on'],
    changed='changed.raw_campaign_spend',
    changed_on=['c.spend_on'],
) }}

with delivered as (
    {{ delivered('raw_campaign_spend', ['campaign_id', 'spend_on']) }}
),

newest as (
    {{ newest_version('delivered', ['campaign_id', 'spend_on']) }}
),

final as (
    select
        store_id,
        campaign_id,
        spend_on,
        impressions,
        clicks,
        spend_amount,
        feed,
        document_id,
        delivered_on,
        source_file,
        source_row
    from newest
)

select * from final
