{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_inventory_status'}},
        'description':
            'On hand and its value per product and warehouse are those of the balance that holds '
            ~ 'on the last data day, and its days are those since stock first came.',
    },
) }}

with held as (
    select f.store_id, f.product_id, f.warehouse_key, f.closing_quantity, f.closing_value_amount
    from {{ ref('fact_inventory_daily') }} as f
    inner join {{ ref('store_horizon') }} as h on f.store_id = h.store_id
    where
        f.stock_on <= h.last_on
        and (f.valid_until_on is null or f.valid_until_on > h.last_on)
)

select
    coalesce(held.store_id, status.store_id) as store_id,
    coalesce(held.product_id, status.product_id) as product_id,
    coalesce(held.warehouse_key, status.warehouse_key) as warehouse_key,
    held.closing_quantity,
    status.on_hand_quantity,
    held.closing_value_amount,
    status.value_amount
from held
full outer join {{ ref('kpi_inventory_status') }} as status
    on
        held.store_id = status.store_id
        and held.product_id = status.product_id
        and held.warehouse_key = status.warehouse_key
where
    held.closing_quantity is distinct from status.on_hand_quantity
    or held.closing_value_amount is distinct from status.value_amount
    or status.in_stock_days < 0
    or status.stock_out_days < 0
