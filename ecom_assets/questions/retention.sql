/*
number: 11
title: Retention by cohort
definition: >
  Of the customers whose first counting order fell into a month of the store's clock, how many placed a
  counting order so many months later (`period`; 0 is the month itself), and what share that is. A period
  whose month is not over is null. The last `limit` cohorts.
limit: 13
*/
select
    store_id,
    cohort_month,
    period,
    cohort_size,
    active_customers,
    retention_rate,
    is_complete
from kpi_cohort_retention
where store_id = coalesce($store, store_id)
qualify dense_rank() over (partition by store_id order by cohort_month desc) <= $limit
order by store_id, cohort_month, period
