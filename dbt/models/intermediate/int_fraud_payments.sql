{{ config(materialized='ephemeral') }}

-- `card_testing`: the payment with which an order has been declined once too often. What comes of
-- the order afterwards makes no difference, so that it is known before a card is charged.
with rules as (
    select * from {{ ref('fraud_rules') }}
    where rule = 'card_testing'
),

orders as (
    {{ placed_orders() }}
),

-- a payment whose moment nobody tells is made with its order
declined as (
    select
        payments.store_id,
        payments.order_id,
        payments.payment_id,
        orders.ordered_at,
        coalesce(payments.paid_at, orders.ordered_at) as declined_at,
        coalesce(payments.paid_on, orders.ordered_on) as declined_on
    from {{ ref('stg_payments') }} as payments
    inner join orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
    cross join rules
    inner join {{ ref('rebuild_from') }} as tail
        on
            orders.store_id = tail.store_id
            and orders.ordered_at > {{ before_tail('rules.window_minutes') }}
            {{- and_in_window('orders', ['card_testing']) }}
    where payments.status = 'declined'
),

numbered as (
    select
        declined.*,
        rules.rule,
        rules.at_least,
        row_number() over (
            partition by declined.store_id, declined.order_id
            order by declined.declined_at, declined.payment_id
        ) as payment_number,
        min(declined.declined_at) over (partition by declined.store_id, declined.order_id)
            as first_at
    from declined
    inner join rules
        on
            declined.declined_at >= declined.ordered_at
            and {{ minutes_before('declined.declined_at', 'rules.window_minutes') }}
            < declined.ordered_at
),

final as (
    select
        numbered.store_id,
        numbered.order_id,
        numbered.rule,
        numbered.declined_at as signal_at,
        numbered.declined_on as signal_on,
        cast(numbered.payment_number as decimal(18, 4)) as evidence,
        numbered.first_at as evidence_from_at
    from numbered
    {{ tail('numbered', 'declined_on', 'changed_on') }}
    where numbered.payment_number = numbered.at_least
)

select * from final
