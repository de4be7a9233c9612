-- One row per product or variation. Of several categories the first path counts.
select
    file_no,
    source_row,
    upper(trim(coalesce(sku, id))) as product_id,
    coalesce(sku, id) as sku,
    name,
    trim(split_part(split_part(categories, ',', 1), '>', 1)) as category,
    nullif(trim(split_part(split_part(categories, ',', 1), '>', 2)), '') as subcategory,
    coalesce(sale_price, regular_price) as unit_price,
    low_stock as reorder_point,
    published = 1 as is_active
from lines
