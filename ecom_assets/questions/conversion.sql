/*
number: 8
title: Conversion rate by day and device
definition: >
  Web sessions by the store-local day on which they began and the class of device, and the share of them
  that went all the way from a product view over cart and checkout to a purchase. A session without a
  known device is `unknown`. The last `limit` days.
limit: 14
*/
select
    store_id,
    started_on,
    device,
    sessions,
    purchase_sessions,
    conversion_rate
from kpi_funnel_daily
where store_id = coalesce($store, store_id)
qualify dense_rank() over (partition by store_id order by started_on desc) <= $limit
order by store_id, started_on, device
