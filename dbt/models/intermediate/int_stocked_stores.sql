{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id'],
    changed_on=[
        [
            "f.moved_on",
            "staging.main.stg_inventory_movements as f on f.store_id = c.store_id",
        ],
        [
            "f.counted_on",
            "staging.main.stg_inventory_counts as f on f.store_id = c.store_id",
        ],
    ],
) }}

-- A store's first receipt or count says what all its movements leave, also those before it.
with final as (
    select store_id
    from {{ ref('stg_inventory_movements') }}
    where kind = 'receipt'
    union
    select store_id from {{ ref('stg_inventory_counts') }}
)

select * from final
