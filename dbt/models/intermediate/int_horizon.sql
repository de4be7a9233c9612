{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'bound'],
    changed_on=[
        'c.bound_on',
        "case when (select count(*) from int_horizon__differing as d"
        ~ " where d.store_id = c.store_id and d.bound = c.bound) = 1"
        ~ " then cast('1900-01-01' as date) end",
    ],
) }}
-- A bound that comes or goes, and does not move, is a change of all days: before, none was closed.

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
