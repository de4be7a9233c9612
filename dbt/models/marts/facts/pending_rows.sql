{{ config(materialized='table') }}

-- Rows that later data will resolve; none of them is in a fact table yet. They age with the
-- deliveries of any feed: orders may be what is late.
with newest as (
    select store_id, max(delivered_on) as last_on
    from {{ source('raw', 'deliveries') }}
    where status = 'loaded'
    group by store_id
),

pending as (
    select * from {{ ref('int_unresolved_rows') }}
    union all
    select * from {{ ref('int_unpriced_rows') }}
    union all
    select * from {{ ref('int_unpriced_stock') }}
),

final as (
    select
        pending.store_id,
        pending.dataset,
        pending.row_id,
        pending.reason,
        pending.pending_since_on,
        cast({{ days_between('pending.pending_since_on', 'newest.last_on') }} as integer)
            as pending_days,
        cast(pending.amount as decimal(18, 4)) as amount,
        pending.source_file,
        pending.source_row
    from pending
    left join newest on pending.store_id = newest.store_id
)

select * from final
