-- One row per payment: the part of its order that it pays for.
select
    file_no,
    source_row,
    order_id,
    id as line_number,
    1 as quantity,
    cast(cents / 100 as decimal(18, 4)) as unit_price
from lines
