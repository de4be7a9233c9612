-- One row per movement.
select
    file_no,
    source_row,
    movement_id,
    product_id,
    warehouse_id,
    kind,
    quantity,
    moved_at
from lines
