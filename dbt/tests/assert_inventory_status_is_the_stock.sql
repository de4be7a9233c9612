{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_inventory_status'}},
        'description':
            'On hand and its value per product and warehouse are those of the balance that holds '
            ~ 'on the last data day, and its days are those since stock first came.',
    },
) }}

with held as (
    select f.*, h.last_on
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
left join {{ source('raw', 'stores') }} as stores on held.store_id = stores.store_id
left join {{ ref('int_product_versions') }} as product
    on
        held.store_id = product.store_id
        and held.product_id = product.product_id
        and {{ moment_before('(held.last_on + 1)', 'stores.timezone') }} >= product.applies_from
        and {{ moment_before('(held.last_on + 1)', 'stores.timezone') }} < product.applies_to
where
    held.closing_quantity is distinct from status.on_hand_quantity
    or held.closing_value_amount is distinct from status.value_amount
    or held.closing_value_base_amount is distinct from status.value_base_amount
    or held.warehouse_id is distinct from status.warehouse_id
    or held.last_on is distinct from status.as_of_on
    or status.last_moved_on is distinct from
    case when held.movements > 0 then held.stock_on else status.last_moved_on end
    or status.last_moved_on > held.stock_on
    or status.last_counted_on is distinct from
    case when held.counted_quantity is not null then held.stock_on else status.last_counted_on end
    or status.last_counted_on > held.stock_on
    or status.product_name is distinct from product.name
    or status.category is distinct from product.category
    or status.reorder_point is distinct from product.reorder_point
    or status.is_active
    is distinct from coalesce(product.is_active and not product.is_deleted, true)
    or status.in_stock_days < 0
    or status.stock_out_days < 0
