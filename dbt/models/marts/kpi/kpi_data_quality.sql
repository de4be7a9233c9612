{{ config(materialized='table') }}

with deliveries as (
    select * from {{ source('raw', 'deliveries') }}
),

final as (
    select
        store_id,
        feed,
        delivered_on,
        count(*) as files,
        count(case when status = 'set_aside' then 1 end) as set_aside_files,
        cast(sum(delivered_rows) as bigint) as delivered_rows,
        cast(sum(delivered_rows - quarantined_rows) as bigint) as accepted_rows,
        cast(sum(quarantined_rows) as bigint) as quarantined_rows,
        {{ ratio('sum(quarantined_rows)', 'sum(delivered_rows)') }} as rejected_rate,
        cast(sum(extra_columns) as bigint) as extra_columns,
        -- a file set aside counts as wholly wrong, whether or not its rows could be counted
        case when count(case when status = 'loaded' then 1 end) = 0 then 0
            else {{ ratio(
                'count(case when status = \'loaded\' then 1 end) * (sum(delivered_rows) - sum(quarantined_rows))',
                'count(*) * sum(delivered_rows)'
            ) }}
        end as quality_rate
    from deliveries
    group by store_id, feed, delivered_on
)

select * from final
