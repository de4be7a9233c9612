-- One row per product and change, as of when it was committed (its changes are read) or the table
-- tells; else when it was seen. No row is dated after it was pulled, or before what was pulled of
-- its product before.
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
    coalesce(
        committed_at,
        counts_from,
        case when deleted = 'true' then pulled_at end,
        least(updated_at, pulled_at)
    ) as updated_at,
    deleted is not distinct from 'true' as is_deleted
from lines
