-- One row per attempt to pay.
select
    file_no,
    source_row,
    payment_id,
    order_id,
    method,
    provider,
    amount,
    lower(status) as status,
    card as card_fingerprint,
    card_country as card_country_code,
    paid_at
from lines
