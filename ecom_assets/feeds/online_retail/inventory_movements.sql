-- One row per stock write-off: a negative quantity without a price.
select
    file_no,
    source_row,
    document_id,
    concat(document_id, '-', line_number) as movement_id,
    product_id,
    'adjustment' as kind,
    quantity,
    document_at as moved_at,
    is_duplicate
from lines
where line_class = 'write_off'
