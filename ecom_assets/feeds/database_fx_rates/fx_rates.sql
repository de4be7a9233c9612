-- One row per currency and day.
select
    file_no,
    source_row,
    rate_on,
    currency as currency_code,
    rate as rate_to_base
from lines
