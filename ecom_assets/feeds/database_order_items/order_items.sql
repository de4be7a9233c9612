-- One row per order line and change; a line that is gone from the table has a quantity of nothing.
select
    file_no,
    source_row,
    order_id,
    line_number,
    product_id,
    case when deleted = 'true' then 0 else quantity end as quantity,
    unit_price,
    case when deleted = 'true' then 0 else discount end as discount_amount,
    case when deleted = 'true' then 0 else tax end as tax_amount
from lines
