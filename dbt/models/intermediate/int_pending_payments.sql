{{ config(materialized='ephemeral') }}

-- Payments that wait: for their order, or for the rate of their day.
-- stores whose days need a rate
with abroad as (
    select stores.store_id from {{ source('raw', 'stores') }} as stores
    where {{ needs_rate('stores') }}
),

rates as (
    select store_id, rate_on from {{ ref('int_fx_rates') }}
),

orphans as (
    select
        payments.store_id, 'raw_payments' as dataset, payments.payment_id as row_id,
        'order_missing' as reason, payments.first_delivered_on as pending_since_on,
        payments.amount, payments.source_file, payments.source_row
    from {{ ref('stg_payments') }} as payments
    left join {{ ref('stg_orders') }} as orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
    where orders.order_id is null
),

unpriced as (
    select
        payments.store_id, 'raw_payments' as dataset, payments.payment_id as row_id,
        'rate_missing' as reason,
        coalesce(payments.paid_on, orders.ordered_on) as pending_since_on,
        payments.amount, payments.source_file, payments.source_row
    from {{ ref('stg_payments') }} as payments
    inner join abroad on payments.store_id = abroad.store_id
    inner join {{ ref('stg_orders') }} as orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
    left join rates
        on
            payments.store_id = rates.store_id
            and coalesce(payments.paid_on, orders.ordered_on) = rates.rate_on
    where rates.rate_on is null
),

final as (
    select * from orphans
    union all
    select * from unpriced
)

select * from final
