{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_inventory_daily'}},
        'description':
            'Identity 6: opening + in - out = closing, which is the next opening and what a count '
            ~ 'found; all movements and counts are in it, and a balance holds until the next one.',
    },
) }}

-- days from the tail on, and the balances that were open when it began
with open_rows as (
    select
        f.*,
        f.stock_on >= tail.changed_on as is_judged,
        f.warehouse_id is distinct from w.warehouse_id as is_elsewhere
    from {{ ref('fact_inventory_daily') }} as f
    left join {{ ref('dim_warehouses') }} as w on f.warehouse_key = w.warehouse_key
    inner join {{ ref('rebuild_from') }} as tail
        on
            f.store_id = tail.store_id
            and coalesce(f.valid_until_on, tail.changed_on) >= tail.changed_on
            {{- and_not_before(until('f'), 'changed_on') }}
),

rows_ as (
    select
        *,
        lag(closing_quantity) over (
            partition by store_id, product_id, warehouse_key order by stock_on
        ) as closed_before,
        lead(stock_on) over (
            partition by store_id, product_id, warehouse_key order by stock_on
        ) as next_on
    from open_rows
),

faulty as (
    select
        store_id,
        product_id,
        warehouse_key,
        stock_on,
        -- of a balance of before nothing but its end is written with the tail
        case
            when valid_until_on is distinct from next_on then 'it ends on another day'
            when not is_judged then null
            when
                opening_quantity + received_quantity - sold_quantity + returned_quantity
                + adjusted_quantity <> closing_quantity then 'opening + in - out is not closing'
            when opening_quantity <> coalesce(closed_before, 0)
                then 'opening is not the closing before'
            when closing_quantity <> counted_quantity then 'closing is not what was counted'
            when is_elsewhere then 'its warehouse is not that of its key'
        end as fault
    from rows_
),

happened as (
    select
        m.store_id, m.product_id, m.warehouse_key, m.quantity, 0 as counted, 1 as movements,
        0 as counts,
        case when m.kind = 'transfer' then greatest(m.quantity, 0) else 0 end as moved_in,
        case when m.kind = 'transfer' then greatest(-m.quantity, 0) else 0 end as moved_out
    from {{ unjudged(ref('fact_inventory_movements')) }} as m
    inner join {{ ref('int_stocked_stores') }} as known on m.store_id = known.store_id
    union all
    select
        c.store_id, c.product_id, w.warehouse_key, 0 as quantity, c.quantity_on_hand as counted,
        0 as movements, 1 as counts, 0 as moved_in, 0 as moved_out
    from {{ ref('stg_inventory_counts') }} as c
    {{ tail('c', 'counted_on', 'changed_on') }}
    left join {{ ref('dim_warehouses') }} as w
        on c.store_id = w.store_id and c.warehouse_id = w.warehouse_id
    union all
    select
        store_id, product_id, warehouse_key,
        -(closing_quantity - opening_quantity - coalesce(count_difference_quantity, 0))
            as quantity,
        -coalesce(counted_quantity, 0) as counted,
        -movements as movements,
        case when counted_quantity is null then 0 else -1 end as counts,
        -transferred_in_quantity as moved_in,
        -transferred_out_quantity as moved_out
    from open_rows
    where is_judged
),

lost as (
    select
        store_id, product_id, warehouse_key, cast(null as date) as stock_on,
        'movements or counts are not in it, or twice' as fault
    from happened
    group by store_id, product_id, warehouse_key
    having
        sum(quantity) <> 0 or sum(counted) <> 0 or sum(movements) <> 0 or sum(counts) <> 0
        or sum(moved_in) <> 0 or sum(moved_out) <> 0
)

select * from faulty
where fault is not null
union all
select * from lost
