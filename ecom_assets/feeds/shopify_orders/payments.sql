-- One row per order of which something has been paid.
select
    file_no,
    source_row,
    document_id,
    coalesce(payment_id, name) as payment_id,
    name as order_id,
    payment_method as method,
    'shopify' as provider,
    total - coalesce(outstanding, 0) as amount,
    'captured' as status,
    coalesce(paid_at, created_at) as paid_at
from lines
where financial_status is not null and total - coalesce(outstanding, 0) > 0
