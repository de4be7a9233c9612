{{ config(materialized='ephemeral') }}

-- Movements and counts on a day without a rate: they are in the stock, but what it is worth in the
-- reporting currency waits for the rate.
with abroad as (
    select stores.store_id
    from {{ source('raw', 'stores') }} as stores
    inner join {{ ref('int_stocked_stores') }} as known on stores.store_id = known.store_id
    where {{ needs_rate('stores') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

happened as (
    select
        store_id, 'raw_inventory_movements' as dataset, movement_id as row_id,
        moved_on as stock_on, source_file, source_row
    from {{ ref('stg_inventory_movements') }}
    union all
    select
        store_id, 'raw_inventory_counts' as dataset,
        concat(product_id, ' ', warehouse_id, ' ', counted_on) as row_id, counted_on as stock_on,
        source_file, source_row
    from {{ ref('stg_inventory_counts') }}
),

final as (
    select
        happened.store_id,
        happened.dataset,
        happened.row_id,
        'rate_missing' as reason,
        happened.stock_on as pending_since_on,
        cast(null as decimal(18, 4)) as amount,
        happened.source_file,
        happened.source_row
    from happened
    inner join abroad on happened.store_id = abroad.store_id
    left join rates
        on happened.store_id = rates.store_id and happened.stock_on = rates.rate_on
    where rates.fx_rate is null
)

select * from final
