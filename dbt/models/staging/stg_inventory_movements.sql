{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'movement_id'],
    changed='changed.raw_inventory_movements',
    changed_on=['c.moved_on'],
) }}

with delivered as (
    {{ delivered('raw_inventory_movements', ['movement_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by store_id, movement_id
            order by {{ version_order('desc', updated_at=false) }}
        ) as recency
    from delivered
    where is_live
),

final as (
    select
        ranked.store_id,
        ranked.movement_id,
        ranked.product_id,
        ranked.warehouse_id,
        ranked.kind,
        ranked.quantity,
        ranked.moved_at,
        {{ local_day('ranked.moved_at', 'stores.timezone') }} as moved_on,
        ranked.is_duplicate,
        ranked.feed,
        ranked.document_id,
        ranked.delivered_on,
        ranked.source_file,
        ranked.source_row
    from ranked
    inner join stores on ranked.store_id = stores.store_id
    where ranked.recency = 1
)

select * from final
