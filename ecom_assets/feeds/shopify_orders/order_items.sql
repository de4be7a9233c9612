-- One row per item. The tax is told for the order, on its first line.
select
    file_no,
    source_row,
    document_id,
    name as order_id,
    line_number,
    upper(trim(coalesce(sku, item))) as product_id,
    case
        when item like 'Gift Card%' and requires_shipping = 'false' then 'gift_card' else 'product'
    end as line_kind,
    quantity,
    price as unit_price,
    coalesce(line_discount, 0) as discount_amount,
    coalesce(taxes, 0) as tax_amount,
    is_duplicate
from lines
