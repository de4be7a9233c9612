-- One row per payment; the export tells no time of it.
select
    file_no,
    source_row,
    cast(id as varchar) as payment_id,
    order_id,
    payment_method as method,
    cast(cents / 100 as decimal(18, 4)) as amount,
    'captured' as status
from lines
