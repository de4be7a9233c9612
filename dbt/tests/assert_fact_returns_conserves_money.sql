{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_returns'}},
        'description':
            'Identities 2 and 3, per store and day: refund lines of staging that do not wait are '
            ~ 'in the fact, as they were delivered; of any day, as many as were delivered.',
    },
) }}

with staged as (
    select
        refunds.store_id,
        refunds.refunded_on,
        count(*) as line_count,
        sum(refunds.quantity) as quantity,
        sum(refunds.amount) as amount,
        sum(refunds.tax_amount) as tax_amount,
        {{ rows_digest([
            'refunds.refund_id', 'cast(refunds.line_number as bigint)', 'refunds.line_kind',
            'refunds.order_id', 'refunds.product_id',
            'coalesce(refunds.customer_id, orders.customer_id)', 'refunds.refunded_at',
            'refunds.refunded_hour', 'coalesce(orders.ordered_on, refunds.refunded_on)',
            'coalesce(orders.is_test, false)', 'refunds.reason',
        ]) }} as digest
    from {{ ref('stg_refunds') }} as refunds
    {{ tail('refunds', 'refunded_on', 'changed_on') }}
    left join {{ ref('stg_orders') }} as orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    left join {{ ref('pending_rows') }} as pending
        on
            refunds.store_id = pending.store_id
            and pending.dataset = 'raw_refunds'
            and concat(refunds.refund_id, '-', refunds.line_number) = pending.row_id
    where pending.row_id is null and not refunds.is_whole_order
    group by refunds.store_id, refunds.refunded_on
),

facts as (
    select
        store_id,
        refunded_on,
        count(*) as line_count,
        sum(quantity) as quantity,
        sum(amount) as amount,
        sum(tax_amount) as tax_amount,
        {{ rows_digest([
            'refund_id', 'line_number', 'line_kind', 'order_id', 'product_id', 'customer_id',
            'refunded_at', 'refunded_hour', 'ordered_on', 'is_test', 'reason',
        ]) }} as digest
    from {{ unjudged(ref('fact_returns')) }} as judged_returns
    where origin = 'delivered'
    group by store_id, refunded_on
),

-- every line of any day; of whole orders it is no line of the fact
line_counts as (
    select refunds.store_id, count(*) as line_count, 0 as held_count
    from {{ ref('stg_refunds') }} as refunds
    left join {{ ref('pending_rows') }} as pending
        on
            refunds.store_id = pending.store_id
            and pending.dataset = 'raw_refunds'
            and concat(refunds.refund_id, '-', refunds.line_number) = pending.row_id
    where pending.row_id is null and not refunds.is_whole_order
    group by refunds.store_id
    union all
    select store_id, 0 as line_count, count(*) as held_count
    from {{ ref('fact_returns') }}
    where origin = 'delivered'
    group by store_id
)

select
    coalesce(staged.store_id, facts.store_id) as store_id,
    coalesce(staged.refunded_on, facts.refunded_on) as refunded_on,
    staged.line_count,
    facts.line_count as fact_line_count,
    staged.amount,
    facts.amount as fact_amount,
    staged.tax_amount,
    facts.tax_amount as fact_tax_amount
from staged
full outer join facts
    on staged.store_id = facts.store_id and staged.refunded_on = facts.refunded_on
where
    staged.line_count is distinct from facts.line_count
    or staged.digest is distinct from facts.digest
    or staged.quantity is distinct from facts.quantity
    or staged.amount is distinct from facts.amount
    or staged.tax_amount is distinct from facts.tax_amount
union all
select
    store_id, null as refunded_on, sum(line_count) as line_count,
    sum(held_count) as fact_line_count, null as amount, null as fact_amount,
    null as tax_amount, null as fact_tax_amount
from line_counts
group by store_id
having sum(line_count) <> sum(held_count)
