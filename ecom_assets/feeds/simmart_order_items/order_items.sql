-- One row per order line.
select
    file_no,
    source_row,
    order_id,
    line_number,
    upper(trim(sku)) as product_id,
    quantity,
    unit_price,
    discount as discount_amount,
    tax as tax_amount
from lines
