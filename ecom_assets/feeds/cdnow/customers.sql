-- One row per customer: nothing but the number is known.
select
    file_no,
    min(source_row) as source_row,
    customer_id
from lines
group by file_no, customer_id
