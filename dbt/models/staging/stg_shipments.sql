{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'shipment_id'],
    changed='changed.raw_shipments',
    changed_on=['cast(null as date)'],
    orders_on=[
        "(select min(o.ordered_on) from staging.main.stg_orders as o"
        ~ " where o.store_id = c.store_id and o.order_id = c.order_id)",
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

ranked as (
    select
        store_id,
        shipment_id,
        order_id,
        carrier,
        promised_on,
        shipped_at,
        delivered_at,
        feed,
        document_id,
        min(delivered_on) over (
            versions rows between unbounded preceding and unbounded following
        ) as first_delivered_on,
        delivered_on,
        source_file,
        source_row,
        is_live,
        row_number() over versions as recency
    from delivered
    window versions as (
        partition by store_id, shipment_id
        order by is_live desc, {{ version_order('desc', updated_at=false) }}
    )
),

final as (
    select
        ranked.store_id,
        ranked.shipment_id,
        ranked.order_id,
        ranked.carrier,
        ranked.promised_on,
        ranked.shipped_at,
        {{ local_day('ranked.shipped_at', 'stores.timezone') }} as shipped_on,
        ranked.delivered_at,
        {{ local_day('ranked.delivered_at', 'stores.timezone') }} as arrived_on,
        ranked.feed,
        ranked.document_id,
        ranked.first_delivered_on,
        ranked.delivered_on,
        ranked.source_file,
        ranked.source_row
    from ranked
    inner join stores on ranked.store_id = stores.store_id
    where ranked.recency = 1 and ranked.is_live
)

select * from final
