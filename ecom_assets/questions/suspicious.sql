/*
number: 30
title: What is suspicious
definition: >
  By the store's day and feed, what was delivered and could not be taken over: rejected rows (quarantined) and
  files set aside, by the day of delivery; and rows that wait for others (pending), by their dataset and the
  day since which they do. Days with nothing of the kind are left out. The newest first.
*/
with found as (
    select
        store_id,
        delivered_on as day_on,
        'rows rejected' as what,
        feed as origin,
        quarantined_rows as occurrences,
        delivered_rows as out_of,
        cast(null as decimal(38, 4)) as amount
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
        cast(null as decimal(38, 4)) as amount
    from kpi_data_quality
    where set_aside_files > 0
    union all
    select
        store_id,
        pending_since_on as day_on,
        'rows pending: ' || reason as what,
        dataset as origin,
        count(*) as occurrences,
        cast(null as bigint) as out_of,
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
