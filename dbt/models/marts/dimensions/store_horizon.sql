{{ config(materialized='table') }}

with bounds as (
    select * from {{ ref('int_horizon') }}
),

final as (
    select
        store_id,
        max(case when bound = 'first' then bound_on end) as first_on,
        max(case when bound = 'last' then bound_on end) as last_on
    from bounds
    group by store_id
)

select * from final
