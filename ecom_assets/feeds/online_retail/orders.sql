-- One row per sale or adjustment document. Two customers or countries under one number give
-- two rows of one key, which the contract rejects as a conflict.
select
    file_no,
    min(source_row) as source_row,
    document_id,
    document_id as order_id,
    customer_id,
    document_at as ordered_at,
    country_name as ship_country_name,
    line_class = 'adjustment' as is_adjustment
from lines
where line_class in ('sale', 'free', 'adjustment')
group by
    file_no, document_id, customer_id, document_at, country_name, line_class = 'adjustment'
