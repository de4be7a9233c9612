{{ config(materialized='ephemeral') }}

-- `refund_abuse`: orders of which something was given back, when most orders of their customer have
-- come back. An order comes back at its first refund. Customers are judged by all they have ordered
-- until then, by so many of the newest refunds only whether they are recent.
with orders as (
    {{ placed_orders() }}
),

rules as (
    select * from {{ ref('fraud_rules') }}
    where rule = 'refund_abuse'
),

given_back as (
    select
        store_id,
        order_id,
        customer_id,
        refunded_at,
        refunded_on,
        try_cast(sum(amount) as decimal(18, 4)) as amount,
        try_cast(sum(base_amount) as decimal(18, 4)) as base_amount,
        row_number() over (
            partition by store_id, order_id order by refunded_at, customer_id
        ) as refund_number
    from {{ ref('fact_returns') }}
    where
        origin = 'delivered'
        and not is_test
        and amount > 0
        and order_id is not null
        and customer_id is not null
    group by store_id, order_id, customer_id, refunded_at, refunded_on
),

refunds as (
    select * from given_back
    where refund_number = 1
),

-- customers with as many refunds as the rule asks for, in the tail or the window before it
touched as (
    select refunds.store_id, refunds.customer_id
    from refunds
    cross join rules
    inner join {{ ref('rebuild_from') }} as tail
        on
            refunds.store_id = tail.store_id
            and refunds.refunded_at > {{ before_tail('rules.window_minutes') }}
    group by refunds.store_id, refunds.customer_id
    having count(*) >= max(rules.at_least)
),

events as (
    select store_id, customer_id, order_id, ordered_at as moment, 0 as is_refund
    from orders
    union all
    select store_id, customer_id, order_id, refunded_at as moment, 1 as is_refund
    from refunds
),

numbered as (
    select
        events.*,
        sum(events.is_refund) over so_far as refunded_orders,
        sum(1 - events.is_refund) over so_far as orders
    from events
    inner join touched
        on events.store_id = touched.store_id and events.customer_id = touched.customer_id
    window so_far as (
        partition by events.store_id, events.customer_id
        order by events.moment, events.is_refund, events.order_id
        rows between unbounded preceding and current row
    )
),

final as (
    select
        refunds.store_id,
        refunds.order_id,
        rules.rule,
        refunds.refunded_at as signal_at,
        refunds.refunded_on as signal_on,
        cast(numbered.refunded_orders as decimal(18, 4)) as evidence,
        earlier.moment as evidence_from_at,
        {{ ratio('numbered.refunded_orders', 'numbered.orders') }} as evidence_rate,
        refunds.amount,
        refunds.base_amount
    from refunds
    {{ tail('refunds', 'refunded_on', 'changed_on') }}
    inner join numbered
        on
            refunds.store_id = numbered.store_id
            and refunds.order_id = numbered.order_id
            and numbered.is_refund = 1
    cross join rules
    inner join numbered as earlier
        on
            numbered.store_id = earlier.store_id
            and numbered.customer_id = earlier.customer_id
            and numbered.refunded_orders - rules.at_least + 1 = earlier.refunded_orders
            and earlier.is_refund = 1
            and {{ minutes_before('refunds.refunded_at', 'rules.window_minutes') }} < earlier.moment
    where numbered.refunded_orders >= rules.share_at_least * numbered.orders
)

select * from final
