{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'bound'],
    changed_on=['c.bound_on'],
) }}

with deliveries as (
    select store_id, delivered_on
    from {{ source('raw', 'deliveries') }}
    where fills_orders and status = 'loaded'
),

-- one file may hold years of orders
days as (
    select store_id, delivered_on as day_on from deliveries
    union all
    select store_id, ordered_on as day_on from {{ ref('stg_orders') }}
),

final as (
    select store_id, 'first' as bound, min(day_on) as bound_on
    from days
    group by store_id
    union all
    select store_id, 'last' as bound, max(delivered_on) as bound_on
    from deliveries
    group by store_id
)

select * from final
