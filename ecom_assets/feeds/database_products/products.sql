-- One row per product and change: the table does not tell when, so it is when that was committed,
-- or else seen.
select
    file_no,
    source_row,
    product_id,
    product_id as sku,
    name,
    category,
    brand,
    unit_price,
    unit_cost,
    coalesce(lower(is_active), 'true') in ('true', 't', '1') as is_active,
    coalesce(committed_at, pulled_at) as updated_at,
    deleted is not distinct from 'true' as is_deleted
from lines
