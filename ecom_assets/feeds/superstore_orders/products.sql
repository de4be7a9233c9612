-- One row per product; of two names under one code the one of the last order.
with ranked as (
    select
        *,
        row_number() over (
            partition by file_no, product_id order by ordered_at desc, source_row desc
        ) as recency
    from lines
)

select
    file_no,
    source_row,
    product_id,
    product as sku,
    trim(product_name) as name,
    category,
    subcategory
from ranked
where recency = 1
