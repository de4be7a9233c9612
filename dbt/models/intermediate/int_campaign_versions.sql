{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'campaign_id'],
    changed='changed.raw_campaigns',
    derived=['valid_to', 'is_current', 'applies_to'],
    changed_on=[
        "case when not c.is_first then c.valid_from_on end",
        [
            "f.ordered_on",
            "staging.main.stg_orders as f on f.store_id = c.store_id and f.campaign_id = c.campaign_id"
            ~ " and c.is_first",
        ],
        [
            "f.spend_on",
            "staging.main.stg_campaign_spend as f on f.store_id = c.store_id and f.campaign_id = c.campaign_id"
            ~ " and c.is_first",
        ],
        [
            "f.started_on",
            "staging.main.int_sessions as f on f.store_id = c.store_id and f.utm_campaign = c.campaign_id"
            ~ " and c.is_first",
        ],
    ],
) }}
-- depends_on: {{ ref('int_sessions') }}
-- depends_on: {{ ref('stg_orders') }}
-- depends_on: {{ ref('stg_campaign_spend') }}

{%- set attributes = ['name', 'channel', 'starts_on', 'ends_on', 'budget_amount'] %}

{{ history(
    ref('stg_campaigns'), source('changed', 'raw_campaigns'), 'campaign_id', attributes
) }},

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

final as (
    select
        {{ surrogate_key(
            ['spans.store_id', 'spans.campaign_id', instant_text('spans.valid_from')]
        ) }} as campaign_key,
        spans.store_id,
        spans.campaign_id,
        {% for attribute in attributes -%}
        spans.{{ attribute }},
        {% endfor -%}
        {{ channel_key('spans.store_id', 'spans.channel') }} as channel_key,
        spans.is_deleted,
        spans.valid_from,
        spans.valid_to,
        spans.valid_to is null as is_current,
        spans.is_first,
        {{ applies() }},
        {{ local_day('spans.valid_from', 'stores.timezone') }} as valid_from_on
    from spans
    inner join stores on spans.store_id = stores.store_id
)

select * from final
