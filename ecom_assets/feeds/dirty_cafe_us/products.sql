-- One row per item that is sold.
select
    file_no,
    min(source_row) as source_row,
    upper(trim(item)) as product_id,
    min(item) as sku,
    min(trim(item)) as name
from lines
where item is not null
group by file_no, upper(trim(item))
