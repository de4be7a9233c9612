-- One row per variant; a line that holds a picture only mentions its product's first variant.
with filled as (
    select
        *,
        first_value(title) over handle_lines as product_title,
        first_value(vendor) over handle_lines as product_vendor,
        first_value(type) over handle_lines as product_type,
        first_value(published) over handle_lines as product_published,
        upper(trim(coalesce(sku, concat_ws('/', handle, option_1, option_2, option_3)))) as code
    from lines
    window handle_lines as (partition by file_no, handle order by source_row)
)

select
    file_no,
    source_row,
    document_id,
    case
        when price is not null then code
        else first_value(code) over (partition by file_no, handle order by source_row)
    end as product_id,
    coalesce(sku, code) as sku,
    case
        when price is not null
            then concat_ws(' ', product_title, nullif(option_1, 'Default Title'), option_2, option_3)
    end as name,
    product_type as category,
    product_vendor as brand,
    price as unit_price,
    coalesce(product_published = 'true', true) as is_active,
    price is null as is_inferred
from filled
