{{ config(materialized='ephemeral') }}

-- What happened to the stock in the tail of stores that let it be known, and for each product and
-- warehouse one row of what there was before.
{%- set key = ['store_id', 'product_id', 'warehouse_key'] %}

with stocked as (
    select stores.*, tail.changed_on
    from {{ source('raw', 'stores') }} as stores
    inner join {{ ref('int_stocked_stores') }} as known on stores.store_id = known.store_id
    inner join {{ ref('rebuild_from') }} as tail on stores.store_id = tail.store_id
),

movements as (
    select m.*, stocked.changed_on
    from {{ ref('fact_inventory_movements') }} as m
    inner join stocked on m.store_id = stocked.store_id
),

counts as (
    select c.*, w.warehouse_key, stocked.changed_on
    from {{ ref('stg_inventory_counts') }} as c
    inner join stocked on c.store_id = stocked.store_id
    inner join {{ ref('dim_warehouses') }} as w
        on c.store_id = w.store_id and c.warehouse_id = w.warehouse_id
),

-- what there was before the tail: what the last count found, and what has moved since
last_counts as (
    select {{ key | join(', ') }}, max(counted_on) as counted_on
    from counts
    where counted_on < changed_on
    group by {{ key | join(', ') }}
),

before_tail as (
    select m.store_id, m.product_id, m.warehouse_key, m.changed_on, m.quantity
    from movements as m
    left join last_counts as l
        on
            m.store_id = l.store_id
            and m.product_id = l.product_id
            and m.warehouse_key = l.warehouse_key
    where m.moved_on < m.changed_on and (l.counted_on is null or m.moved_on > l.counted_on)
    union all
    select c.store_id, c.product_id, c.warehouse_key, c.changed_on, c.quantity_on_hand
    from counts as c
    inner join last_counts as l
        on
            c.store_id = l.store_id
            and c.product_id = l.product_id
            and c.warehouse_key = l.warehouse_key
            and c.counted_on = l.counted_on
),

-- what was before stands as one count of the day before the tail
final as (
    select
        {{ key | join(', ') }},
        changed_on - 1 as stock_on,
        'before' as kind,
        0 as quantity,
        cast(null as decimal(18, 4)) as cost_amount,
        cast(sum(quantity) as decimal(38, 4)) as counted_quantity
    from before_tail
    group by {{ key | join(', ') }}, changed_on
    union all
    select
        {{ key | join(', ') }}, counted_on as stock_on, 'count' as kind, 0 as quantity,
        null as cost_amount, quantity_on_hand as counted_quantity
    from counts
    where counted_on >= changed_on
    union all
    select
        {{ key | join(', ') }}, moved_on as stock_on, kind, quantity, cost_amount,
        null as counted_quantity
    from movements
    where moved_on >= changed_on
)

select * from final
