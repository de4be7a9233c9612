-- One row per returned order; a number that stands twice came back once.
select
    file_no,
    source_row,
    concat(order_id, '-return') as refund_id,
    1 as line_number,
    order_id,
    0 as quantity,
    0 as amount,
    true as is_restocked,
    true as is_whole_order
from lines
