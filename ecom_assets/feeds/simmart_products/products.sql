-- One row per product and change.
select
    file_no,
    source_row,
    upper(trim(sku)) as product_id,
    sku,
    name,
    category,
    subcategory,
    brand,
    supplier,
    unit_price,
    unit_cost,
    reorder_point,
    is_active = 1 as is_active,
    updated_at
from lines
