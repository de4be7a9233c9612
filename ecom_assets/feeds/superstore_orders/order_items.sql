-- One row per line. What the rounded price lacks to the sales delivered is in the discount, so the
-- net amount is exact.
select
    file_no,
    source_row,
    document_id,
    order_id,
    line_number,
    product_id,
    quantity,
    unit_price,
    cast(unit_price * quantity - sales as decimal(18, 4)) as discount_amount,
    is_duplicate
from lines
