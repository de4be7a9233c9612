-- One row per order and state.
select
    file_no,
    source_row,
    order_id,
    customer_id,
    ordered_at,
    status,
    channel,
    campaign_id,
    coupon_code,
    ship_country as ship_country_code,
    ship_region,
    ship_city,
    ip_address,
    device as device_id,
    shipping as shipping_amount,
    discount as order_discount_amount,
    is_test = 1 as is_test,
    updated_at
from lines
