-- One row per product and day: the description of the day's last priced sale line, else a row
-- that only proves that the code is in use.
with mentions as (
    select
        file_no,
        source_row,
        product_id,
        stock_code,
        trim(description) as name,
        document_at as updated_at,
        line_class <> 'sale' or trim(coalesce(description, '')) = '' as is_inferred,
        document_id,
        line_number
    from lines
),

ranked as (
    select
        *,
        row_number() over (
            partition by file_no, product_id
            order by is_inferred, updated_at desc, document_id desc, line_number desc
        ) as recency
    from mentions
)

select
    file_no,
    source_row,
    product_id,
    stock_code as sku,
    case when not is_inferred then name end as name,
    updated_at,
    is_inferred
from ranked
where recency = 1
