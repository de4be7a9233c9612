-- One row per order of a customer with an address.
select
    file_no,
    source_row,
    document_id,
    lower(trim(email)) as customer_id,
    lower(trim(email)) as email,
    billing_name as full_name,
    created_at as updated_at
from lines
where financial_status is not null and email is not null
