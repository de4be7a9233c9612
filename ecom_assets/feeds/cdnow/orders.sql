-- One row per purchase, numbered within customer and day in the order of the file.
select
    file_no,
    source_row,
    concat(
        customer_id, '-', strftime(bought_on, '%Y%m%d'), '-',
        row_number() over (partition by file_no, customer_id, bought_on order by source_row)
    ) as order_id,
    customer_id,
    bought_on as ordered_at
from lines
