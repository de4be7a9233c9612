-- One row per line of a credit note; positive amounts are given back. Credit notes name no order.
select
    l.file_no,
    l.source_row,
    l.document_id,
    l.document_id as refund_id,
    l.line_number,
    coalesce(k.line_kind, 'product') as line_kind,
    l.product_id,
    l.customer_id,
    l.country_name,
    -l.quantity as quantity,
    -l.quantity * l.unit_price as amount,
    l.document_at as refunded_at,
    l.is_duplicate
from lines as l
left join line_kinds as k on l.product_id = k.code
where l.line_class = 'credit_note'
