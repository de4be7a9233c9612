{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'shipment_id'],
    orders_on=['c.ordered_on'],
) }}
-- A parcel becomes late without being delivered anew: time passing its promise is a change of its
-- order's month.

with shipments as (
    select store_id, shipment_id, order_id, promised_on
    from {{ ref('stg_shipments') }}
    where delivered_at is null and promised_on is not null
),

orders as (
    select store_id, order_id, ordered_on from {{ ref('stg_orders') }}
),

horizon as (
    select store_id, bound_on as last_on from {{ ref('int_horizon') }}
    where bound = 'last'
),

final as (
    select shipments.store_id, shipments.shipment_id, orders.ordered_on
    from shipments
    inner join horizon
        on shipments.store_id = horizon.store_id and shipments.promised_on < horizon.last_on
    inner join orders
        on shipments.store_id = orders.store_id and shipments.order_id = orders.order_id
)

select * from final
