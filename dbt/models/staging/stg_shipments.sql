{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'shipment_id'],
    changed='changed.raw_shipments',
    orders_on=[
        [
            "o.ordered_on",
            "staging.main.stg_orders as o on o.store_id = c.store_id and o.order_id = c.order_id",
        ],
    ],
) }}
-- depends_on: {{ ref('stg_orders') }}
-- A parcel counts in the month of its order, so that is where a change of it begins.

with delivered as (
    {{ delivered('raw_shipments', ['shipment_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

newest as (
    {{ newest_version('delivered', ['shipment_id']) }}
),

final as (
    select
        newest.store_id,
        newest.shipment_id,
        newest.order_id,
        newest.carrier,
        newest.promised_on,
        newest.shipped_at,
        {{ local_day('newest.shipped_at', 'stores.timezone') }} as shipped_on,
        newest.delivered_at,
        {{ local_day('newest.delivered_at', 'stores.timezone') }} as arrived_on,
        newest.feed,
        newest.document_id,
        newest.first_delivered_on,
        newest.delivered_on,
        newest.source_file,
        newest.source_row
    from newest
    inner join stores on newest.store_id = stores.store_id
)

select * from final
