-- Identities 2 and 3: refund lines and amounts of staging = fact (as delivered) + pending.
{{ config(meta={'dagster': {'ref': {'name': 'fact_returns'}}}) }}

with pending as (
    select store_id, count(*) as line_count, sum(amount) as amount
    from {{ ref('pending_rows') }}
    where dataset = 'raw_refunds'
    group by store_id
),

staged as (
    select store_id, count(*) as line_count, sum(amount) as amount
    from {{ ref('stg_refunds') }}
    group by store_id
),

facts as (
    select store_id, count(*) as line_count, sum(amount) as amount
    from {{ ref('fact_returns') }}
    where origin = 'delivered'
    group by store_id
)

select
    coalesce(staged.store_id, facts.store_id) as store_id,
    staged.line_count,
    staged.amount,
    facts.line_count as fact_line_count,
    facts.amount as fact_amount,
    pending.line_count as pending_line_count
from staged
full outer join facts on staged.store_id = facts.store_id
left join pending on staged.store_id = pending.store_id
where
    staged.line_count
    is distinct from coalesce(facts.line_count, 0) + coalesce(pending.line_count, 0)
    or staged.amount is distinct from coalesce(facts.amount, 0) + coalesce(pending.amount, 0)
