{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'product_id', 'warehouse_id', 'counted_on'],
    changed='changed.raw_inventory_counts',
    changed_on=['c.counted_on'],
) }}

with delivered as (
    {{ delivered('raw_inventory_counts', ['product_id', 'warehouse_id', 'counted_on']) }}
),

newest as (
    {{ newest_version('delivered', ['product_id', 'warehouse_id', 'counted_on']) }}
),

final as (
    select
        store_id,
        product_id,
        warehouse_id,
        counted_on,
        quantity_on_hand,
        feed,
        document_id,
        delivered_on,
        source_file,
        source_row
    from newest
)

select * from final
