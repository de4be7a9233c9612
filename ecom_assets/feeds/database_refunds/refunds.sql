-- One row per refunded line.
select
    file_no,
    source_row,
    refund_id,
    line as line_number,
    order_id,
    product_id,
    quantity,
    amount,
    tax as tax_amount,
    lower(restocked) in ('true', 't', '1') as is_restocked,
    reason,
    refunded_at
from lines
