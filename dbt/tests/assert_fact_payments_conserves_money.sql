{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_payments'}},
        'description':
            'Identities 2 and 3, per store, day and status: payments of staging that do not wait '
            ~ 'are in the fact, with the amount that was delivered.',
    },
) }}

with waiting as (
    select store_id, row_id from {{ ref('pending_rows') }}
    where dataset = 'raw_payments'
),

undated as (
    select payments.store_id, payments.payment_id, orders.ordered_on
    from {{ ref('stg_payments') }} as payments
    inner join {{ ref('stg_orders') }} as orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
    where payments.paid_on is null
),

staged as (
    select
        payments.store_id,
        coalesce(payments.paid_on, undated.ordered_on) as paid_on,
        payments.status,
        count(*) as payments,
        sum(payments.amount) as amount
    from {{ ref('stg_payments') }} as payments
    left join waiting
        on payments.store_id = waiting.store_id and payments.payment_id = waiting.row_id
    left join undated
        on payments.store_id = undated.store_id and payments.payment_id = undated.payment_id
    where waiting.row_id is null
    group by payments.store_id, coalesce(payments.paid_on, undated.ordered_on), payments.status
),

facts as (
    select store_id, paid_on, status, count(*) as payments, sum(amount) as amount
    from {{ ref('fact_payments') }}
    group by store_id, paid_on, status
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
    or staged.amount is distinct from facts.amount
