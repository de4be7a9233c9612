{{ config(materialized='table') }}

with methods as (
    select * from {{ ref('int_payment_methods') }}
),

processed as (
    select distinct store_id, method, provider
    from {{ ref('stg_payments') }}
    where method is not null
),

final as (
    select
        methods.payment_method_key,
        methods.store_id,
        methods.method_code,
        min(methods.method) as method,
        case when count(distinct processed.provider) = 1 then min(processed.provider) end
            as provider,
        count(distinct processed.provider) as providers
    from methods
    inner join processed
        on methods.store_id = processed.store_id and methods.method = processed.method
    group by methods.payment_method_key, methods.store_id, methods.method_code
    union all
    select
        '0' as payment_method_key, '0' as store_id, 'unknown' as method_code, 'unknown' as method,
        null as provider, 0 as providers
)

select * from final
