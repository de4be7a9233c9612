{{ config(materialized='incremental', incremental_strategy='tail', tail_column='ordered_on') }}
with shipments as (
    select * from {{ ref('stg_shipments') }}
),

orders as (
    select
        stg_orders.store_id,
        stg_orders.order_id,
        stg_orders.ordered_on,
        stg_orders.is_valid,
        stg_orders.is_test,
        stg_orders.ship_country_code,
        stg_orders.ship_country_name,
        stg_orders.ship_region,
        stg_orders.ship_city
    from {{ ref('stg_orders') }} as stg_orders
    {{ tail('stg_orders', 'ordered_on') }}
),

overdue as (
    select store_id, shipment_id from {{ ref('int_overdue_shipments') }}
),

-- looking a key up takes half as long as hashing it anew
places as (
    select * from {{ ref('dim_geography') }}
    where geography_key <> '0'
),

final as (
    select
        shipments.store_id,
        shipments.shipment_id,
        shipments.order_id,
        coalesce(places.geography_key, '0') as geography_key,
        shipments.carrier,
        orders.ordered_on,
        shipments.promised_on,
        shipments.shipped_at,
        shipments.shipped_on,
        shipments.delivered_at,
        shipments.arrived_on as delivered_on,
        cast({{ days_between('orders.ordered_on', 'shipments.shipped_on') }} as integer)
            as days_to_ship,
        cast({{ days_between('orders.ordered_on', 'shipments.arrived_on') }} as integer)
            as days_to_deliver,
        case
            when overdue.shipment_id is not null then false
            else shipments.arrived_on <= shipments.promised_on
        end as is_on_time,
        orders.is_valid,
        orders.is_test
    from shipments
    inner join orders
        on shipments.store_id = orders.store_id and shipments.order_id = orders.order_id
    left join places
        on
            orders.ship_country_code is not distinct from places.country_code
            and orders.ship_country_name is not distinct from places.country_name
            and orders.ship_region is not distinct from places.region
            and orders.ship_city is not distinct from places.city
    left join overdue
        on
            shipments.store_id = overdue.store_id
            and shipments.shipment_id = overdue.shipment_id
)

select * from final
{{ in_order_of('ordered_on') }}
