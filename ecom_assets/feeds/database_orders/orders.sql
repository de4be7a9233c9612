-- One row per order and state; one that is gone from the table is void from when that was committed
-- (its changes are read) or seen. No row is dated after it was pulled, or before what was pulled of
-- its order before.
select
    file_no,
    source_row,
    order_id,
    customer_id,
    ordered_at,
    case when deleted = 'true' then 'voided' else lower(status) end as status,
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
    lower(is_test) in ('true', 't', '1') as is_test,
    coalesce(
        committed_at,
        counts_from,
        case when deleted = 'true' then pulled_at end,
        least(updated_at, pulled_at)
    ) as updated_at
from lines
