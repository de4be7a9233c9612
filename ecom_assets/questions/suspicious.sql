/*
number: 30
title: What is suspicious
definition: >
  By the store's day, newest first; days with nothing of a kind are left out. Fraud (`kpi_fraud_daily`): orders
  of the day that break a rule, out of all placed, with the points of the rules (`score`) and the net at stake;
  and orders of which something was given back on the day after most orders of their customer had come back.
  Anomalies (`anomalies_daily`): days of a watched metric that are far from what the weeks before lead to expect,
  with the distance in robust standard deviations (`score`), the metric's value and what was expected, a money
  metric in the store's currency; they are there when `ecom analytics` has computed them. Deliveries
  (`kpi_data_quality`): rejected rows (quarantined) and files set aside, by feed and day of delivery; and rows
  that wait for others (pending), by their dataset and the day since which they do.
*/
with found as (
    select
        store_id,
        day_on,
        'fraud: orders flagged' as what,
        'orders' as origin,
        flagged_orders as occurrences,
        orders as out_of,
        cast(fraud_score as decimal(18, 4)) as score,
        cast(null as decimal(38, 6)) as value,
        cast(null as decimal(38, 6)) as expected,
        flagged_amount as amount
    from kpi_fraud_daily
    where flagged_orders > 0
    union all
    select
        store_id,
        day_on,
        'fraud: refunds abused' as what,
        'refunds' as origin,
        refund_abuse_orders as occurrences,
        null as out_of,
        null as score,
        null as value,
        null as expected,
        refund_abuse_amount as amount
    from kpi_fraud_daily
    where refund_abuse_orders > 0
    union all
    select
        store_id,
        metric_on as day_on,
        'anomaly: ' || direction as what,
        metric as origin,
        1 as occurrences,
        null as out_of,
        robust_z as score,
        value,
        expected,
        null as amount
    from anomalies_daily
    where is_anomaly
    union all
    select
        store_id,
        delivered_on as day_on,
        'rows rejected' as what,
        feed as origin,
        quarantined_rows as occurrences,
        delivered_rows as out_of,
        null as score,
        null as value,
        null as expected,
        null as amount
    from kpi_data_quality
    where quarantined_rows > 0
    union all
    select
        store_id,
        delivered_on as day_on,
        'files set aside' as what,
        feed as origin,
        set_aside_files as occurrences,
        files as out_of,
        null as score,
        null as value,
        null as expected,
        null as amount
    from kpi_data_quality
    where set_aside_files > 0
    union all
    select
        store_id,
        pending_since_on as day_on,
        'rows pending: ' || reason as what,
        dataset as origin,
        count(*) as occurrences,
        null as out_of,
        null as score,
        null as value,
        null as expected,
        sum(amount) as amount
    from pending_rows
    group by store_id, pending_since_on, reason, dataset
)

select
    f.store_id,
    f.day_on,
    f.what,
    f.origin,
    f.occurrences,
    f.out_of,
    f.score,
    f.value,
    f.expected,
    s.currency_code,
    f.amount
from found as f
inner join dim_stores as s on f.store_id = s.store_id
where f.store_id = coalesce($store, f.store_id)
qualify
    row_number() over (
        partition by f.store_id order by f.day_on desc, f.what, f.origin
    ) <= $limit
order by f.store_id, f.day_on desc, f.what, f.origin
