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

ranked as (
    select
        *,
        row_number() over (
            partition by store_id, product_id, warehouse_id, counted_on
            order by {{ version_order('desc', updated_at=false) }}
        ) as recency
    from delivered
    where is_live
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
    from ranked
    where recency = 1
)

select * from final
