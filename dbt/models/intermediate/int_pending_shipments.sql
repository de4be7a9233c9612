{{ config(materialized='ephemeral') }}

-- Parcels that wait for their order.
with shipments as (
    select * from {{ ref('stg_shipments') }}
),

orders as (
    select store_id, order_id from {{ ref('stg_orders') }}
),

final as (
    select
        shipments.store_id, 'raw_shipments' as dataset, shipments.shipment_id as row_id,
        'order_missing' as reason, shipments.first_delivered_on as pending_since_on,
        cast(null as decimal(18, 4)) as amount, shipments.source_file, shipments.source_row
    from shipments
    left join orders
        on shipments.store_id = orders.store_id and shipments.order_id = orders.order_id
    where orders.order_id is null
)

select * from final
