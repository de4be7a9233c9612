{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='stock_on',
    tail_from='changed_on',
    span_end='valid_until_on',
    unique_key=['store_id', 'product_id', 'warehouse_key', 'stock_on'],
) }}

with written as (
    select b.*
    from {{ ref('int_inventory_daily') }} as b
    {{ tail('b', 'stock_on', 'changed_on') }}
),
{%- if not from_the_beginning() %}

-- what moves in the tail, or moved there until now: what there was before ends anew
moved as (
    select store_id, product_id, warehouse_key from written
    union
    select held.store_id, held.product_id, held.warehouse_key
    from {{ this }} as held
    {{ tail('held', 'stock_on', 'changed_on') }}
),

before_tail as (
    select b.store_id, b.product_id, b.warehouse_key, max(b.stock_on) as stock_on
    from {{ ref('int_inventory_daily') }} as b
    inner join moved
        on
            b.store_id = moved.store_id
            and b.product_id = moved.product_id
            and b.warehouse_key = moved.warehouse_key
    inner join {{ ref('rebuild_from') }} as tail on b.store_id = tail.store_id
    where b.stock_on < tail.changed_on
    group by b.store_id, b.product_id, b.warehouse_key
),
{%- endif %}

balances as (
    select * from written
    {%- if not from_the_beginning() %}
    union all
    select b.*
    from {{ ref('int_inventory_daily') }} as b
    inner join before_tail
        on
            b.store_id = before_tail.store_id
            and b.product_id = before_tail.product_id
            and b.warehouse_key = before_tail.warehouse_key
            and b.stock_on = before_tail.stock_on
    {%- endif %}
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
{{ in_order_of('stock_on') }}
