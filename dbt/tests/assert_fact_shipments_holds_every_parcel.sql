{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_shipments'}},
        'description':
            'Identity 3, per store and promised day: parcels of staging that do not wait are in '
            ~ 'the fact, as many as have left and arrived, on the days that were delivered.',
    },
) }}

with waiting as (
    select store_id, row_id from {{ ref('pending_rows') }}
    where dataset = 'raw_shipments'
),

orders as (
    select orders.* from {{ ref('stg_orders') }} as orders
    {{ tail('orders', 'ordered_on') }}
),

staged as (
    select
        shipments.store_id,
        shipments.promised_on,
        count(*) as shipments,
        count(shipments.shipped_at) as shipped,
        sum({{ days_between("cast('1900-01-01' as date)", 'shipments.shipped_on') }})
            as shipped_days,
        count(shipments.delivered_at) as arrived,
        sum({{ days_between("cast('1900-01-01' as date)", 'shipments.arrived_on') }})
            as arrived_days,
        {{ rows_digest([
            'shipments.shipment_id', 'shipments.order_id', 'shipments.carrier',
            'shipments.shipped_at', 'shipments.shipped_on', 'shipments.delivered_at',
            'shipments.arrived_on', 'orders.ordered_on', 'orders.is_valid', 'orders.is_test',
        ]) }} as digest
    from {{ ref('stg_shipments') }} as shipments
    inner join orders
        on shipments.store_id = orders.store_id and shipments.order_id = orders.order_id
    left join waiting
        on shipments.store_id = waiting.store_id and shipments.shipment_id = waiting.row_id
    where waiting.row_id is null
    group by shipments.store_id, shipments.promised_on
),

facts as (
    select
        store_id,
        promised_on,
        count(*) as shipments,
        count(days_to_ship) as shipped,
        sum({{ days_between("cast('1900-01-01' as date)", 'ordered_on') }} + days_to_ship)
            as shipped_days,
        count(days_to_deliver) as arrived,
        sum({{ days_between("cast('1900-01-01' as date)", 'ordered_on') }} + days_to_deliver)
            as arrived_days,
        {{ rows_digest([
            'shipment_id', 'order_id', 'carrier', 'shipped_at', 'shipped_on', 'delivered_at',
            'delivered_on', 'ordered_on', 'is_valid', 'is_test',
        ]) }} as digest
    from {{ unjudged(ref('fact_shipments')) }} as judged_shipments
    group by store_id, promised_on
),

-- every parcel of any day, with an order or without
parcel_counts as (
    select store_id, count(*) as shipments from {{ ref('stg_shipments') }}
    group by store_id
    union all
    select store_id, -count(*) from {{ ref('fact_shipments') }}
    group by store_id
    union all
    select store_id, -count(distinct row_id) from waiting
    group by store_id
)

select
    coalesce(staged.store_id, facts.store_id) as store_id,
    coalesce(staged.promised_on, facts.promised_on) as promised_on,
    staged.shipments,
    facts.shipments as fact_shipments,
    staged.shipped,
    facts.shipped as fact_shipped,
    staged.arrived,
    facts.arrived as fact_arrived
from staged
full outer join facts
    on staged.store_id = facts.store_id and staged.promised_on is not distinct from facts.promised_on
where
    staged.shipments is distinct from facts.shipments
    or staged.digest is distinct from facts.digest
    or staged.shipped is distinct from facts.shipped
    or staged.shipped_days is distinct from facts.shipped_days
    or staged.arrived is distinct from facts.arrived
    or staged.arrived_days is distinct from facts.arrived_days
union all
select
    store_id, null as promised_on, sum(shipments) as shipments, 0 as fact_shipments,
    null as shipped, null as fact_shipped, null as arrived, null as fact_arrived
from parcel_counts
group by store_id
having sum(shipments) <> 0
