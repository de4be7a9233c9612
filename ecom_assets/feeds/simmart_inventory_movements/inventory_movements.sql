-- One row per movement.
select
    file_no,
    source_row,
    movement_id,
    upper(trim(sku)) as product_id,
    warehouse as warehouse_id,
    kind,
    quantity,
    moved_at
from lines
