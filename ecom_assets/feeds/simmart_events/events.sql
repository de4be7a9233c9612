-- One row per event.
select
    file_no,
    source_row,
    event_id,
    occurred_at,
    visitor_id,
    customer_id,
    kind,
    upper(trim(sku)) as product_id,
    order_id,
    url,
    utm_source,
    utm_medium,
    utm_campaign,
    device
from lines
