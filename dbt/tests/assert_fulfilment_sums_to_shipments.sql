{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_fulfilment_monthly'}},
        'description':
            'The carriers of a month add up to the parcels of its orders but tests: those that '
            ~ 'left, came, came in time and late; averages x their numbers to the days they took.',
    },
) }}

with carriers as (
    select
        store_id,
        order_month,
        sum(shipments) as shipments,
        sum(shipped_shipments) as shipped_shipments,
        sum(delivered_shipments) as delivered_shipments,
        sum(open_shipments) as open_shipments,
        sum(on_time_shipments) as on_time_shipments,
        sum(late_shipments) as late_shipments,
        sum(avg_days_to_ship * shipped_shipments) as days_to_ship,
        sum(avg_days_to_deliver * delivered_shipments) as days_to_deliver
    from {{ ref('kpi_fulfilment_monthly') }}
    group by store_id, order_month
),

facts as (
    select
        store_id,
        {{ month_of('ordered_on') }} as order_month,
        count(*) as shipments,
        count(shipped_at) as shipped_shipments,
        count(delivered_at) as delivered_shipments,
        count(case when delivered_at is null then 1 end) as open_shipments,
        count(case when is_on_time then 1 end) as on_time_shipments,
        count(case when not is_on_time then 1 end) as late_shipments,
        sum(days_to_ship) as days_to_ship,
        sum(days_to_deliver) as days_to_deliver
    from {{ ref('fact_shipments') }}
    where not is_test
    group by store_id, {{ month_of('ordered_on') }}
)

select
    coalesce(carriers.store_id, facts.store_id) as store_id,
    coalesce(carriers.order_month, facts.order_month) as order_month,
    carriers.shipments,
    facts.shipments as fact_shipments,
    carriers.days_to_deliver,
    facts.days_to_deliver as fact_days_to_deliver
from carriers
full outer join facts
    on carriers.store_id = facts.store_id and carriers.order_month = facts.order_month
where
    carriers.shipments is distinct from facts.shipments
    or carriers.shipped_shipments is distinct from facts.shipped_shipments
    or carriers.delivered_shipments is distinct from facts.delivered_shipments
    or carriers.open_shipments is distinct from facts.open_shipments
    or carriers.on_time_shipments is distinct from facts.on_time_shipments
    or carriers.late_shipments is distinct from facts.late_shipments
    -- an average has six decimals
    or abs(coalesce(carriers.days_to_ship, 0) - coalesce(facts.days_to_ship, 0))
    > 0.000001 * facts.shipments
    or abs(coalesce(carriers.days_to_deliver, 0) - coalesce(facts.days_to_deliver, 0))
    > 0.000001 * facts.shipments
