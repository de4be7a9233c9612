{{ config(materialized='table') }}

-- The means of payment in the words of the deliveries, with the key of what they mean:
-- `Credit Card` and `credit_card` are one. A table, for its size decides how the fact joins it.
with payments as (
    select distinct store_id, method
    from {{ ref('stg_payments') }}
    where method is not null
),

final as (
    select
        store_id,
        method,
        {{ method_code('method') }} as method_code,
        {{ surrogate_key(['store_id', method_code('method')]) }} as payment_method_key
    from payments
)

select * from final
