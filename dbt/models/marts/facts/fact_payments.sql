{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='paid_on',
    tail_from='changed_on',
) }}
-- Keys lead to dimensions that exist before the fact does.
-- depends_on: {{ ref('dim_customers') }}
-- depends_on: {{ ref('dim_payment_methods') }}

-- of payments that tell their day only the tail, so that few orders are looked for
with payments as (
    select * from {{ ref('stg_payments') }} as stg_payments
    where
        stg_payments.paid_on is null
        or (true {{- and_not_before('stg_payments.paid_on', 'changed_on') }})
),

orders as (
    select store_id, order_id, customer_id, ordered_at, ordered_on, is_valid, is_test
    from {{ ref('stg_orders') }}
),

methods as (
    select * from {{ ref('int_payment_methods') }}
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

customers as (
    select * from {{ ref('int_customer_versions') }}
),

-- a payment whose moment nobody tells is made with its order
dated as (
    select
        payments.store_id,
        payments.payment_id,
        payments.order_id,
        payments.method,
        payments.provider,
        payments.status,
        payments.card_country_code,
        coalesce(payments.paid_at, orders.ordered_at) as paid_at,
        coalesce(payments.paid_on, orders.ordered_on) as paid_on,
        payments.amount,
        orders.customer_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.is_valid,
        orders.is_test
    from payments
    inner join orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
),

final as (
    select
        dated.store_id,
        dated.payment_id,
        dated.order_id,
        coalesce(methods.payment_method_key, '0') as payment_method_key,
        dated.method,
        dated.provider,
        coalesce(customers.customer_key, '0') as customer_key,
        dated.customer_id,
        dated.status,
        dated.card_country_code,
        dated.paid_at,
        dated.paid_on,
        dated.ordered_on,
        dated.is_valid,
        dated.is_test,
        dated.amount,
        stores.currency_code,
        {{ fx_rate() }} as fx_rate,
        {{ money_convert('dated.amount', fx_rate()) }}
            as base_amount
    from dated
    {{ tail('dated', 'paid_on', 'changed_on') }}
    inner join stores on dated.store_id = stores.store_id
    left join methods on dated.store_id = methods.store_id and dated.method = methods.method
    {{ rate_of('dated', 'dated.paid_on') }}
    {{ as_of('customers', 'customers', 'customer_id', 'dated', 'dated.ordered_at') }}
    -- a payment whose rate is still to come is pending
    where {{ has_its_rate('stores') }}
)

select * from final
{{ in_order_of('paid_on') }}
