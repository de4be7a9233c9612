{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_fulfilment_monthly'}},
        'description':
            'The carriers of a month have the parcels of its orders but tests: those that left, '
            ~ 'came, came in time and late, and the days that they took.',
    },
) }}

{%- set counts = ['shipments', 'orders', 'shipped_shipments', 'delivered_shipments',
    'open_shipments', 'on_time_shipments', 'late_shipments', 'median_days_to_ship',
    'median_days_to_deliver'] %}

with carriers as (
    select * from {{ unjudged(ref('kpi_fulfilment_monthly')) }} as judged_carriers
),

facts as (
    select
        store_id,
        {{ month_of('ordered_on') }} as order_month,
        coalesce(carrier, 'unknown') as carrier,
        count(*) as shipments,
        count(distinct order_id) as orders,
        count(shipped_at) as shipped_shipments,
        count(delivered_at) as delivered_shipments,
        count(case when delivered_at is null then 1 end) as open_shipments,
        count(case when is_on_time then 1 end) as on_time_shipments,
        count(case when not is_on_time then 1 end) as late_shipments,
        sum(days_to_ship) as days_to_ship,
        sum(days_to_deliver) as days_to_deliver,
        {{ median('days_to_ship') }} as median_days_to_ship,
        {{ median('days_to_deliver') }} as median_days_to_deliver
    from {{ unjudged(ref('fact_shipments')) }} as judged_shipments
    where not is_test
    group by store_id, {{ month_of('ordered_on') }}, coalesce(carrier, 'unknown')
)

select
    coalesce(carriers.store_id, facts.store_id) as store_id,
    coalesce(carriers.order_month, facts.order_month) as order_month,
    coalesce(carriers.carrier, facts.carrier) as carrier,
    carriers.shipments,
    facts.shipments as fact_shipments
from carriers
full outer join facts
    on
        carriers.store_id = facts.store_id
        and carriers.order_month = facts.order_month
        and carriers.carrier = facts.carrier
where
    {% for count in counts -%}
    carriers.{{ count }} is distinct from facts.{{ count }} or
    {% endfor -%}
    not ({{ is_ratio('carriers.avg_days_to_ship', 'facts.days_to_ship', 'facts.shipped_shipments') }})
    or not (
        {{ is_ratio('carriers.avg_days_to_deliver', 'facts.days_to_deliver', 'facts.delivered_shipments') }}
    )
