/*
number: 22
title: Low stock, days of supply and what to order again
definition: >
  Products on sale of which a warehouse has no more than their reorder point, as of the evening of the last
  data day. Days of supply are what is available over the units sold a day on days in stock; empty where
  nothing was ever sold. What runs out first comes first.
*/
select
    store_id,
    as_of_on,
    product_id,
    product_name,
    category,
    warehouse_id,
    available_quantity,
    reorder_point,
    mean_daily_units,
    days_of_supply
from kpi_inventory_status
where is_active and is_below_reorder and store_id = coalesce($store, store_id)
qualify
    row_number() over (
        partition by store_id order by days_of_supply nulls last, product_id, warehouse_key
    ) <= $limit
order by store_id, days_of_supply nulls last, product_id, warehouse_id nulls last
