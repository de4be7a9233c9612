/*
number: 29
title: Payment mix, success rate and declines
definition: >
  Payments and attempts by the month in which they were made (on the store's clock) and means of payment,
  tests left out: the share that was captured (given back since or not), the share declined, what is
  captured now and its share of the month's, in the store's currency. The last `limit` months.
limit: 3
*/
select
    store_id,
    paid_month,
    method,
    currency_code,
    payments,
    success_rate,
    declined_payments,
    decline_rate,
    captured_amount,
    captured_share_rate
from kpi_payment_mix
where store_id = coalesce($store, store_id)
qualify dense_rank() over (partition by store_id order by paid_month desc) <= $limit
order by store_id, paid_month, captured_amount desc, method
