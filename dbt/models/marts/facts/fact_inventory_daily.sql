{{ config(materialized='table') }}

with balances as (
    select * from {{ ref('int_inventory_daily') }}
),

warehouses as (
    select * from {{ ref('dim_warehouses') }}
),

final as (
    select
        balances.store_id,
        balances.stock_on,
        lead(balances.stock_on) over (
            partition by balances.store_id, balances.product_id, balances.warehouse_key
            order by balances.stock_on
        ) as valid_until_on,
        balances.product_key,
        balances.product_id,
        balances.warehouse_key,
        warehouses.warehouse_id,
        balances.movements,
        balances.opening_quantity,
        balances.received_quantity,
        balances.sold_quantity,
        balances.returned_quantity,
        balances.adjusted_quantity,
        balances.closing_quantity,
        balances.transferred_in_quantity,
        balances.transferred_out_quantity,
        balances.counted_quantity,
        balances.count_difference_quantity,
        balances.unit_cost,
        balances.currency_code,
        balances.fx_rate,
        balances.closing_value_amount,
        balances.closing_value_base_amount,
        balances.cost_of_sales_amount,
        balances.cost_of_sales_base_amount
    from balances
    inner join warehouses on balances.warehouse_key = warehouses.warehouse_key
)

select * from final
