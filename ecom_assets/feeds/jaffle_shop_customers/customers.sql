-- One row per customer.
select
    file_no,
    source_row,
    id as customer_id,
    trim(concat_ws(' ', first_name, last_name)) as full_name
from lines
