{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_inventory_movements'}},
        'description':
            'Identity 6, the movements: what went in and out per product and warehouse is what '
            ~ 'was staged.',
    },
) }}

with staged as (
    select store_id, product_id, warehouse_id, count(*) as movements, sum(quantity) as quantity
    from {{ ref('stg_inventory_movements') }}
    group by store_id, product_id, warehouse_id
),

facts as (
    select store_id, product_id, warehouse_id, count(*) as movements, sum(quantity) as quantity
    from {{ ref('fact_inventory_movements') }}
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
    staged.movements is distinct from facts.movements
    or staged.quantity is distinct from facts.quantity
