{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_inventory_movements'}},
        'description':
            'Identity 6, the movements: what went in and out per product and warehouse is what '
            ~ 'was staged.',
    },
) }}

{%- set told = ['movement_id', 'kind', 'moved_at', 'moved_on'] %}

with staged as (
    select
        m.store_id, m.product_id, m.warehouse_id, count(*) as movements,
        sum(m.quantity) as quantity, {{ rows_digest(told) }} as digest
    from {{ ref('stg_inventory_movements') }} as m
    {{ tail('m', 'moved_on', 'changed_on') }}
    group by m.store_id, m.product_id, m.warehouse_id
),

facts as (
    select
        store_id, product_id, warehouse_id, count(*) as movements, sum(quantity) as quantity,
        {{ rows_digest(told) }} as digest
    from {{ unjudged(ref('fact_inventory_movements')) }} as judged_movements
    group by store_id, product_id, warehouse_id
)

select staged.*, facts.movements as fact_movements, facts.quantity as fact_quantity
from staged
full outer join facts
    on
        staged.store_id = facts.store_id
        and staged.product_id = facts.product_id
        and staged.warehouse_id is not distinct from facts.warehouse_id
where
    staged.digest is distinct from facts.digest
    or staged.movements is distinct from facts.movements
    or staged.quantity is distinct from facts.quantity
