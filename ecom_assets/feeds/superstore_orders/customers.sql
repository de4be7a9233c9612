-- One row per customer: addresses belong to the orders.
select
    file_no,
    min(source_row) as source_row,
    trim(customer_id) as customer_id,
    min(trim(customer_name)) as full_name,
    min(lower(trim(segment))) as segment
from lines
group by file_no, trim(customer_id)
