-- One row per order of which money was given back. The export tells no day of it: that of the
-- cancellation, else of the order.
select
    file_no,
    source_row,
    document_id,
    concat(name, '-refund') as refund_id,
    1 as line_number,
    name as order_id,
    lower(trim(email)) as customer_id,
    1 as quantity,
    refunded as amount,
    coalesce(cancelled_at, created_at) as refunded_at
from lines
where refunded > 0
