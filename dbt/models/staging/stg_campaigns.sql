{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'campaign_id'],
    changed='changed.raw_campaigns',
) }}

with delivered as (
    {{ delivered('raw_campaigns', ['campaign_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

final as (
    select
        delivered.store_id,
        delivered.campaign_id,
        row_number() over (
            partition by delivered.store_id, delivered.campaign_id
            order by {{ version_order(updated_at=false) }}
        ) as change_number,
        {{ day_start('delivered.delivered_on', 'stores.timezone') }} as changed_at,
        delivered.name,
        delivered.channel,
        delivered.starts_on,
        delivered.ends_on,
        delivered.budget_amount,
        false as is_deleted,
        delivered.feed,
        delivered.document_id,
        delivered.delivered_on,
        delivered.source_file,
        delivered.source_row
    from delivered
    inner join stores on delivered.store_id = stores.store_id
    where delivered.is_live
)

select * from final
