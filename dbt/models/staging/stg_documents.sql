{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'feed', 'document_id'],
    changed='changed.documents',
) }}

with mentions as (
    {% for dataset in document_datasets() %}
        select store_id, feed, document_id, delivered_on, source_file
        from {{ source('raw', dataset) }}
        {{ "union all" if not loop.last }}
    {% endfor %}
),

ranked as (
    select
        mentions.store_id,
        mentions.feed,
        mentions.document_id,
        mentions.delivered_on,
        mentions.source_file,
        row_number() over (
            partition by mentions.store_id, mentions.feed, mentions.document_id
            order by mentions.delivered_on desc, mentions.source_file desc
        ) as recency
    from mentions
    {{ only_changed('mentions', source('changed', 'documents'), ['feed', 'document_id']) }}
    where mentions.document_id is not null
),

final as (
    select store_id, feed, document_id, delivered_on, source_file
    from ranked
    where recency = 1
)

select * from final
