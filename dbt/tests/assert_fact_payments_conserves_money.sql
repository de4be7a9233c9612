{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_payments'}},
        'description':
            'Identities 2 and 3, per store, day and status: payments of staging that do not wait '
            ~ 'are in the fact, with the amount that was delivered; of any day, as many as were delivered.',
    },
) }}

with waiting as (
    select store_id, row_id from {{ ref('pending_rows') }}
    where dataset = 'raw_payments'
),

dated as (
    select
        payments.*,
        orders.customer_id,
        orders.ordered_on,
        orders.is_valid,
        orders.is_test,
        coalesce(payments.paid_at, orders.ordered_at) as made_at,
        coalesce(payments.paid_on, orders.ordered_on) as made_on
    from {{ ref('stg_payments') }} as payments
    inner join {{ ref('rebuild_from') }} as tail
        on
            payments.store_id = tail.store_id
            and coalesce(payments.paid_on, tail.changed_on) >= tail.changed_on
    left join {{ ref('stg_orders') }} as orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
),

staged as (
    select
        dated.store_id,
        dated.made_on as paid_on,
        dated.status,
        count(*) as payments,
        sum(dated.amount) as amount,
        {{ rows_digest([
            'dated.payment_id', 'dated.order_id', 'dated.method', 'dated.provider',
            'dated.customer_id', 'dated.card_country_code', 'dated.made_at', 'dated.ordered_on',
            'dated.is_valid', 'dated.is_test',
        ]) }} as digest
    from dated
    {{ tail('dated', 'made_on', 'changed_on') }}
    left join waiting
        on dated.store_id = waiting.store_id and dated.payment_id = waiting.row_id
    where waiting.row_id is null
    group by dated.store_id, dated.made_on, dated.status
),

facts as (
    select
        store_id,
        paid_on,
        status,
        count(*) as payments,
        sum(amount) as amount,
        {{ rows_digest([
            'payment_id', 'order_id', 'method', 'provider', 'customer_id', 'card_country_code',
            'paid_at', 'ordered_on', 'is_valid', 'is_test',
        ]) }} as digest
    from {{ unjudged(ref('fact_payments')) }} as judged_payments
    group by store_id, paid_on, status
),

-- every payment of any day, with an order or without
payment_counts as (
    select store_id, count(*) as payments, 0 as held_payments from {{ ref('stg_payments') }}
    group by store_id
    union all
    select store_id, 0 as payments, count(*) as held_payments from {{ ref('fact_payments') }}
    group by store_id
    union all
    select store_id, 0 as payments, count(*) as held_payments from waiting
    group by store_id
)

select
    coalesce(staged.store_id, facts.store_id) as store_id,
    coalesce(staged.paid_on, facts.paid_on) as paid_on,
    coalesce(staged.status, facts.status) as status,
    staged.payments,
    facts.payments as fact_payments,
    staged.amount,
    facts.amount as fact_amount
from staged
full outer join facts
    on
        staged.store_id = facts.store_id
        and staged.paid_on = facts.paid_on
        and staged.status = facts.status
where
    staged.payments is distinct from facts.payments
    or staged.digest is distinct from facts.digest
    or staged.amount is distinct from facts.amount
union all
select
    store_id, null as paid_on, null as status, sum(payments) as payments,
    sum(held_payments) as fact_payments, null as amount, null as fact_amount
from payment_counts
group by store_id
having sum(payments) <> sum(held_payments)
