{{ config(materialized='table') }}

{%- set key = ['store_id', 'product_id', 'warehouse_key'] %}

with horizon as (
    select * from {{ ref('store_horizon') }}
),

products as (
    select * from {{ ref('int_product_versions') }}
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

spans as (
    select
        f.store_id,
        f.product_id,
        f.warehouse_key,
        f.warehouse_id,
        f.currency_code,
        f.stock_on,
        f.movements,
        f.received_quantity,
        f.transferred_in_quantity,
        f.counted_quantity,
        f.sold_quantity,
        f.closing_quantity,
        f.closing_value_amount,
        f.closing_value_base_amount,
        horizon.last_on as as_of_on,
        least(coalesce(f.valid_until_on, horizon.last_on + 1), horizon.last_on + 1) as until_on
    from {{ ref('fact_inventory_daily') }} as f
    inner join horizon on f.store_id = horizon.store_id and f.stock_on <= horizon.last_on
),

first_stocked as (
    select {{ key | join(', ') }}, min(stock_on) as stocked_from_on
    from spans
    where {{ brings_stock() }}
    group by {{ key | join(', ') }}
),

on_hand as (
    select
        {{ key | join(', ') }},
        warehouse_id,
        as_of_on,
        currency_code,
        {{ total('case when until_on > as_of_on then closing_quantity end') }}
            as on_hand_quantity,
        max(case when until_on > as_of_on then closing_value_amount end) as value_amount,
        max(case when until_on > as_of_on then closing_value_base_amount end)
            as value_base_amount,
        max(case when movements > 0 then stock_on end) as last_moved_on,
        max(case when counted_quantity is not null then stock_on end) as last_counted_on
    from spans
    group by {{ key | join(', ') }}, warehouse_id, as_of_on, currency_code
),

stocked as (
    select
        spans.store_id,
        spans.product_id,
        spans.warehouse_key,
        spans.stock_on,
        spans.until_on,
        spans.sold_quantity,
        spans.closing_quantity
    from spans
    inner join first_stocked as known
        on
            spans.store_id = known.store_id
            and spans.product_id = known.product_id
            and spans.warehouse_key = known.warehouse_key
            and spans.stock_on >= known.stocked_from_on
),

days as (
    {{ days_on_sale('stocked', key + ['closing_quantity'], 'stock_on', with_sales=true) }}
),

active as (
    select
        {{ key | join(', ') }},
        cast(sum(case when closing_quantity > 0 then days else 0 end) as integer)
            as in_stock_days,
        cast(sum(case when closing_quantity <= 0 then days else 0 end) as integer)
            as stock_out_days,
        {{ total('case when closing_quantity > 0 then sold_quantity end') }} as in_stock_units
    from days
    group by {{ key | join(', ') }}
),

joined as (
    select
        o.*,
        greatest(o.on_hand_quantity, 0) as available_quantity,
        coalesce(active.in_stock_days, 0) as in_stock_days,
        coalesce(active.stock_out_days, 0) as stock_out_days,
        coalesce(active.in_stock_units, 0) as in_stock_units,
        {{ moment_before('(o.as_of_on + 1)', 'stores.timezone') }}
            as evening_at
    from on_hand as o
    inner join stores on o.store_id = stores.store_id
    left join active
        on
            o.store_id = active.store_id
            and o.product_id = active.product_id
            and o.warehouse_key = active.warehouse_key
),

final as (
    select
        j.store_id,
        j.product_id,
        j.warehouse_key,
        j.warehouse_id,
        j.as_of_on,
        products.name as product_name,
        products.category,
        coalesce(products.is_active and not products.is_deleted, true) as is_active,
        j.currency_code,
        j.on_hand_quantity,
        cast(j.available_quantity as decimal(38, 4)) as available_quantity,
        j.value_amount,
        j.value_base_amount,
        products.reorder_point,
        j.available_quantity <= products.reorder_point as is_below_reorder,
        j.in_stock_days,
        j.stock_out_days,
        {{ ratio('j.stock_out_days', '(j.in_stock_days + j.stock_out_days)') }}
            as stock_out_rate,
        {{ ratio('j.in_stock_units', 'j.in_stock_days') }} as mean_daily_units,
        case
            when j.available_quantity = 0 then 0
            when j.in_stock_units > 0
                then {{ ratio('j.available_quantity * j.in_stock_days', 'j.in_stock_units') }}
        end as days_of_supply,
        j.available_quantity > 0 and j.in_stock_units <= 0 as is_supply_infinite,
        j.last_moved_on,
        j.last_counted_on
    from joined as j
    {{ as_of('products', 'products', 'product_id', 'j', 'j.evening_at') }}
)

select * from final
