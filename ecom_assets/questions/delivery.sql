/*
number: 28
title: Days to ship and deliver, and on-time rate, by carrier and region
definition: >
  Parcels of orders placed within the days asked for, tests left out, by carrier and the country and region
  of the order: mean days (on the store's calendar) from the order to the parcel's leaving and to its
  arrival, their medians, and the share that came by the promised day of those that were due: a parcel that
  has not come though its day has passed is late; one that nothing was promised of is not judged. Most
  parcels first; an empty region was not told.
parameters:
  first_on: {description: the first day of orders, default: 1900-01-01}
  last_on: {description: the last day of orders, default: 9999-12-31}
*/
with parcels as (
    select
        s.store_id,
        coalesce(s.carrier, 'unknown') as carrier,
        g.country_name,
        g.region,
        s.days_to_ship,
        s.days_to_deliver,
        s.is_on_time
    from fact_shipments as s
    left join dim_geography as g on s.geography_key = g.geography_key
    where not s.is_test and s.ordered_on between $first_on and $last_on
),

carriers as (
    select
        store_id,
        carrier,
        country_name,
        region,
        count(*) as shipments,
        count(days_to_deliver) as delivered_shipments,
        cast(round(sum(days_to_ship) / nullif(count(days_to_ship), 0), 6) as decimal(18, 6))
            as mean_days_to_ship,
        cast(median(days_to_ship) as decimal(18, 1)) as median_days_to_ship,
        cast(round(
            sum(days_to_deliver) / nullif(count(days_to_deliver), 0), 6
        ) as decimal(18, 6)) as mean_days_to_deliver,
        cast(median(days_to_deliver) as decimal(18, 1)) as median_days_to_deliver,
        count(is_on_time) as due_shipments,
        count(case when is_on_time then 1 end) as on_time_shipments
    from parcels
    group by store_id, carrier, country_name, region
)

select
    store_id,
    carrier,
    country_name,
    region,
    shipments,
    delivered_shipments,
    mean_days_to_ship,
    median_days_to_ship,
    mean_days_to_deliver,
    median_days_to_deliver,
    due_shipments,
    cast(round(on_time_shipments / nullif(due_shipments, 0), 6) as decimal(18, 6))
        as on_time_rate
from carriers
where store_id = coalesce($store, store_id)
qualify
    row_number() over (
        partition by store_id
        order by shipments desc, carrier, country_name nulls last, region nulls last
    ) <= $limit
order by store_id, shipments desc, carrier, country_name nulls last, region nulls last
