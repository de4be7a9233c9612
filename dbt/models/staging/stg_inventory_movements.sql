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

newest as (
    {{ newest_version('delivered', ['movement_id']) }}
),

final as (
    select
        newest.store_id,
        newest.movement_id,
        newest.product_id,
        newest.warehouse_id,
        newest.kind,
        newest.quantity,
        newest.moved_at,
        {{ local_day('newest.moved_at', 'stores.timezone') }} as moved_on,
        newest.is_duplicate,
        newest.feed,
        newest.document_id,
        newest.delivered_on,
        newest.source_file,
        newest.source_row
    from newest
    inner join stores on newest.store_id = stores.store_id
)

select * from final
