-- One row per line of a sale or adjustment document.
select
    l.file_no,
    l.source_row,
    l.document_id,
    l.document_id as order_id,
    l.line_number,
    l.product_id,
    case
        when l.line_class = 'adjustment' then 'adjustment' else coalesce(k.line_kind, 'product')
    end as line_kind,
    l.quantity,
    l.unit_price,
    l.is_duplicate
from lines as l
left join line_kinds as k on l.product_id = k.code
where l.line_class in ('sale', 'free', 'adjustment')
