-- One row per refunded line.
select
    file_no,
    source_row,
    refund_id,
    line as line_number,
    order_id,
    upper(trim(sku)) as product_id,
    quantity,
    amount,
    tax as tax_amount,
    restocked = 'true' as is_restocked,
    reason,
    refunded_at
from lines
