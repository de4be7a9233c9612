-- One row per product, warehouse and count.
select
    file_no,
    source_row,
    product_id,
    warehouse_id,
    counted_on,
    quantity as quantity_on_hand
from lines
