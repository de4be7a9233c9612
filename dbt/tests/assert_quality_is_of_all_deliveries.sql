{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_data_quality'}},
        'description':
            'Files, rows and columns of a feed and day are those of its deliveries, and the rates theirs.',
    },
) }}


with delivered as (
    select
        store_id,
        feed,
        delivered_on,
        count(*) as files,
        count(case when status = 'set_aside' then 1 end) as set_aside_files,
        sum(delivered_rows) as delivered_rows,
        sum(delivered_rows) - sum(quarantined_rows) as accepted_rows,
        sum(quarantined_rows) as quarantined_rows,
        sum(extra_columns) as extra_columns
    from {{ source('raw', 'deliveries') }}
    group by store_id, feed, delivered_on
)

select
    coalesce(told.store_id, delivered.store_id) as store_id,
    coalesce(told.feed, delivered.feed) as feed,
    coalesce(told.delivered_on, delivered.delivered_on) as delivered_on
from {{ ref('kpi_data_quality') }} as told
full outer join delivered
    on
        told.store_id = delivered.store_id
        and told.feed = delivered.feed
        and told.delivered_on = delivered.delivered_on
where
    {% for column in [
        'files', 'set_aside_files', 'delivered_rows', 'accepted_rows', 'quarantined_rows',
        'extra_columns',
    ] -%}
    told.{{ column }} is distinct from delivered.{{ column }} or
    {% endfor -%}
    not ({{ is_ratio('told.rejected_rate', 'told.quarantined_rows', 'told.delivered_rows') }})
    or (
        not ({{ is_ratio(
            'told.quality_rate', '(told.files - told.set_aside_files) * told.accepted_rows',
            'told.files * told.delivered_rows'
        ) }})
        -- nothing was delivered that could be good
        and not (told.files = told.set_aside_files and coalesce(told.quality_rate, 0) = 0)
    )
