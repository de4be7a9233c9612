-- One row per product and change; where the table does not tell when, it is when that was seen.
select
    file_no,
    source_row,
    product_id,
    product_id as sku,
    name,
    category,
    subcategory,
    brand,
    supplier,
    unit_price,
    unit_cost,
    reorder_point,
    coalesce(lower(is_active), 'true') in ('true', 't', '1') as is_active,
    case when deleted = 'true' then pulled_at else coalesce(updated_at, pulled_at) end as updated_at,
    deleted is not distinct from 'true' as is_deleted
from lines
