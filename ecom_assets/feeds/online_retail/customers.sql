-- One row per document and customer: the country that its lines name at that time.
select
    file_no,
    min(source_row) as source_row,
    document_id,
    customer_id,
    country_name,
    document_at as updated_at
from lines
where customer_id is not null
group by file_no, document_id, customer_id, country_name, document_at
