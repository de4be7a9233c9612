{{ config(materialized='ephemeral') }}

-- Payments that wait: for their order, or for the rate of their day.
with payments as (
    select * from {{ ref('stg_payments') }}
),

orders as (
    select store_id, order_id, ordered_on from {{ ref('stg_orders') }}
),

stores as (
    select store_id, {{ needs_rate('stores') }} as needs_rate
    from {{ source('raw', 'stores') }} as stores
),

rates as (
    select store_id, rate_on from {{ ref('int_fx_rates') }}
),

final as (
    select
        payments.store_id, 'raw_payments' as dataset, payments.payment_id as row_id,
        case when orders.order_id is null then 'order_missing' else 'rate_missing' end as reason,
        case
            when orders.order_id is null then payments.first_delivered_on
            else coalesce(payments.paid_on, orders.ordered_on)
        end as pending_since_on,
        payments.amount, payments.source_file, payments.source_row
    from payments
    inner join stores on payments.store_id = stores.store_id
    left join orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
    left join rates
        on
            payments.store_id = rates.store_id
            and coalesce(payments.paid_on, orders.ordered_on) = rates.rate_on
    where orders.order_id is null or (stores.needs_rate and rates.rate_on is null)
)

select * from final
