-- One row per item that was sold: its code, or its name where it has none.
select
    file_no,
    min(source_row) as source_row,
    upper(trim(coalesce(sku, item))) as product_id,
    min(coalesce(sku, item)) as sku,
    min(item) as name,
    min(created_at) as updated_at
from lines
group by file_no, upper(trim(coalesce(sku, item)))
