{{ config(materialized='table') }}

with versions as (
    select * from {{ ref('int_campaign_versions') }}
),

final as (
    select
        campaign_key,
        store_id,
        campaign_id,
        name,
        channel,
        channel_key,
        starts_on,
        ends_on,
        budget_amount,
        is_deleted,
        valid_from,
        valid_to,
        is_current
    from versions
    union all
    select
        '0' as campaign_key,
        '0' as store_id,
        null as campaign_id,
        null as name,
        null as channel,
        '0' as channel_key,
        null as starts_on,
        null as ends_on,
        null as budget_amount,
        false as is_deleted,
        cast('1900-01-01 00:00:00' as timestamp) as valid_from,
        null as valid_to,
        true as is_current
)

select * from final
