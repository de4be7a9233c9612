-- One row per sale.
select
    file_no,
    source_row,
    transaction_id as order_id,
    1 as line_number,
    upper(trim(item)) as product_id,
    pieces as quantity,
    cast(round(amount / pieces, 4) as decimal(18, 4)) as unit_price
from lines
