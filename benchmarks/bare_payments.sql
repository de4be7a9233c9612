-- Means of payment, payments and parcels of a shop that delivers them, and the KPI tables of them, from
-- what bare_simmart.sql has left: no contracts, no tests, no history of deliveries.
create table dim_payment_methods as
select md5(concat(getvariable('store'), '|', method)) as payment_method_key,
    getvariable('store') as store_id, method as method_code, method,
    if(count(distinct provider) = 1, min(provider), null) as provider,
    count(distinct provider) as providers
from raw_payments where method is not null group by method;

create table fact_payments as
select getvariable('store') as store_id, p.payment_id, p.order_id,
    coalesce(m.payment_method_key, '0') as payment_method_key, p.method, p.provider, o.customer_key,
    o.customer_id, p.status, p.card_country as card_country_code, p.paid_at,
    cast(local_time(p.paid_at) as date) as paid_on, o.ordered_on, o.is_valid, o.is_test, p.amount,
    getvariable('currency') as currency_code, cast(1 as decimal(18, 8)) as fx_rate,
    in_reports(p.amount, fx_rate) as base_amount
from raw_payments as p inner join placed as o using (order_id)
left join dim_payment_methods as m on p.method = m.method;

create table fact_shipments as
with days as (select max(ordered_on) as last_on from placed)
select getvariable('store') as store_id, s.shipment_id, s.order_id, o.geography_key, s.carrier,
    o.ordered_on, s.promised_on, s.shipped_at, cast(local_time(s.shipped_at) as date) as shipped_on,
    s.delivered_at, cast(local_time(s.delivered_at) as date) as delivered_on,
    shipped_on - o.ordered_on as days_to_ship, delivered_on - o.ordered_on as days_to_deliver,
    if(s.delivered_at is null and s.promised_on < last_on, false, delivered_on <= s.promised_on)
        as is_on_time,
    o.is_valid, o.is_test
from raw_shipments as s inner join placed as o using (order_id) cross join days;

create table kpi_payment_mix as
with summed as (
    select date_trunc('month', paid_on) as paid_month, coalesce(method, 'unknown') as method,
        count(*) as payments, count(distinct order_id) as orders,
        count_if(status = 'captured') as captured_payments,
        count_if(status = 'declined') as declined_payments,
        count_if(status = 'authorised') as authorised_payments,
        count_if(status = 'refunded') as refunded_payments,
        sum(if(status = 'captured', amount, 0)) as captured_amount,
        sum(if(status = 'authorised', amount, 0)) as authorised_amount,
        sum(if(status = 'refunded', amount, 0)) as refunded_amount,
        sum(if(status = 'captured', base_amount, 0)) as captured_base_amount,
        sum(if(status = 'authorised', base_amount, 0)) as authorised_base_amount,
        sum(if(status = 'refunded', base_amount, 0)) as refunded_base_amount
    from fact_payments where not is_test group by all
)
select getvariable('store') as store_id, getvariable('currency') as currency_code, *,
    (captured_payments + refunded_payments) / payments as success_rate,
    declined_payments / payments as decline_rate,
    captured_amount / nullif(sum(captured_amount) over (partition by paid_month), 0)
        as captured_share_rate,
    captured_base_amount / nullif(sum(captured_base_amount) over (partition by paid_month), 0)
        as captured_share_base_rate
from summed;

create table kpi_fulfilment_monthly as
with summed as (
    select date_trunc('month', ordered_on) as order_month, coalesce(carrier, 'unknown') as carrier,
        count(*) as shipments, count(distinct order_id) as orders,
        count(days_to_ship) as shipped_shipments, count(days_to_deliver) as delivered_shipments,
        count_if(days_to_deliver is null) as open_shipments,
        count_if(is_on_time) as on_time_shipments, count_if(not is_on_time) as late_shipments,
        avg(days_to_ship) as avg_days_to_ship, avg(days_to_deliver) as avg_days_to_deliver,
        median(days_to_ship) as median_days_to_ship,
        median(days_to_deliver) as median_days_to_deliver
    from fact_shipments where not is_test group by all
)
select getvariable('store') as store_id, *,
    on_time_shipments / nullif(on_time_shipments + late_shipments, 0) as on_time_rate
from summed;
