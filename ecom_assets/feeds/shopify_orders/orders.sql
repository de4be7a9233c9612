-- One row per order: its first line, the only one with a state.
select
    file_no,
    source_row,
    document_id,
    name as order_id,
    lower(trim(email)) as customer_id,
    created_at as ordered_at,
    case
        when cancelled_at is not null then 'cancelled'
        when financial_status = 'voided' then 'voided'
        when fulfilment_status = 'fulfilled' then 'shipped'
        when financial_status in ('paid', 'partially_refunded', 'refunded') then 'paid'
        else 'created'
    end as status,
    source as channel,
    discount_code as coupon_code,
    ship_country as ship_country_code,
    ship_province as ship_region,
    ship_city,
    shipping as shipping_amount,
    discount as order_discount_amount,
    cancelled_at as updated_at
from lines
where financial_status is not null
