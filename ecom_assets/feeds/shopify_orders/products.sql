-- One row per name under which an item was sold: its code, or its name where it has none.
select
    file_no,
    min(source_row) as source_row,
    upper(trim(coalesce(sku, item))) as product_id,
    min(coalesce(sku, item)) as sku,
    item as name,
    min(created_at) as updated_at
from lines
group by file_no, upper(trim(coalesce(sku, item))), item
