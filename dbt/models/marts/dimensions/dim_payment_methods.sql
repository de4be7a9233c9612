{{ config(materialized='table') }}

with methods as (
    select * from {{ ref('int_payment_methods') }}
),

final as (
    select
        payment_method_key,
        store_id,
        method_code,
        min(method) as method,
        case when count(distinct provider) = 1 then min(provider) end as provider,
        count(distinct provider) as providers
    from methods
    group by payment_method_key, store_id, method_code
    union all
    select
        '0' as payment_method_key, '0' as store_id, 'unknown' as method_code, 'unknown' as method,
        null as provider, 0 as providers
)

select * from final
