-- One row per order. Two customers, days or addresses under one number give two rows of one key,
-- which the contract rejects as a conflict.
select
    file_no,
    min(source_row) as source_row,
    document_id,
    order_id,
    trim(customer_id) as customer_id,
    ordered_at,
    lower(ship_mode) as channel,
    country as ship_country_name,
    state as ship_region,
    city as ship_city
from lines
group by
    file_no, document_id, order_id, trim(customer_id), ordered_at, lower(ship_mode), country, state,
    city
