{{ config(materialized='incremental', incremental_strategy='tail', tail_column='order_month') }}

with shipments as (
    select
        fact_shipments.store_id,
        {{ month_of('fact_shipments.ordered_on') }} as order_month,
        coalesce(fact_shipments.carrier, 'unknown') as carrier,
        fact_shipments.order_id,
        fact_shipments.days_to_ship,
        fact_shipments.days_to_deliver,
        fact_shipments.is_on_time
    from {{ ref('fact_shipments') }} as fact_shipments
    {{ tail('fact_shipments', 'ordered_on') }}
    where not fact_shipments.is_test
),

summed as (
    select
        store_id,
        order_month,
        carrier,
        count(*) as shipments,
        count(distinct order_id) as orders,
        count(days_to_ship) as shipped_shipments,
        count(days_to_deliver) as delivered_shipments,
        count(*) - count(days_to_deliver) as open_shipments,
        count(case when is_on_time then 1 end) as on_time_shipments,
        count(case when not is_on_time then 1 end) as late_shipments,
        sum(days_to_ship) as days_to_ship,
        sum(days_to_deliver) as days_to_deliver,
        {{ median('days_to_ship') }} as median_days_to_ship,
        {{ median('days_to_deliver') }} as median_days_to_deliver
    from shipments
    group by store_id, order_month, carrier
),

final as (
    select
        store_id,
        order_month,
        carrier,
        shipments,
        orders,
        shipped_shipments,
        delivered_shipments,
        open_shipments,
        on_time_shipments,
        late_shipments,
        {{ ratio('on_time_shipments', '(on_time_shipments + late_shipments)') }} as on_time_rate,
        {{ ratio('days_to_ship', 'shipped_shipments') }} as avg_days_to_ship,
        {{ ratio('days_to_deliver', 'delivered_shipments') }} as avg_days_to_deliver,
        median_days_to_ship,
        median_days_to_deliver
    from summed
)

select * from final
