{{ config(materialized='ephemeral') }}

-- What there is of a product in all warehouses, from its first receipt (or count, or transfer) on;
-- what changed before the tail as one change of the day before it.
with balances as (
    select f.*, greatest(f.stock_on, tail.changed_month - 1) as changed_on
    from {{ ref('fact_inventory_daily') }} as f
    inner join {{ ref('rebuild_from') }} as tail on f.store_id = tail.store_id
),

changes as (
    select
        store_id,
        product_id,
        changed_on as stock_on,
        sum(received_quantity - sold_quantity + returned_quantity + adjusted_quantity) as change,
        max(case when {{ brings_stock() }} then 1 else 0 end) as is_stocked
    from balances
    group by store_id, product_id, changed_on
),

running as (
    select
        store_id,
        product_id,
        stock_on,
        sum(change) over (
            partition by store_id, product_id order by stock_on
            rows between unbounded preceding and current row
        ) as closing_quantity,
        max(is_stocked) over (
            partition by store_id, product_id order by stock_on
            rows between unbounded preceding and current row
        ) as is_known,
        lead(stock_on) over (partition by store_id, product_id order by stock_on) as next_on
    from changes
),

final as (
    select
        store_id,
        product_id,
        stock_on,
        coalesce(next_on, cast('9999-12-31' as date)) as valid_until_on,
        closing_quantity
    from running
    where is_known = 1
)

select * from final
