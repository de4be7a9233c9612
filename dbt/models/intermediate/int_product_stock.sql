{{ config(materialized='ephemeral') }}

-- What there is of a product in all warehouses, from its first receipt (or count, or transfer) on.
with balances as (
    select * from {{ ref('fact_inventory_daily') }}
),

changes as (
    select
        store_id,
        product_id,
        stock_on,
        sum(closing_quantity - opening_quantity) as change,
        max(case when {{ brings_stock() }} then 1 else 0 end) as is_stocked
    from balances
    group by store_id, product_id, stock_on
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
