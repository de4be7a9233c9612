-- One row per customer and change.
select
    file_no,
    source_row,
    customer_id,
    email,
    full_name,
    phone,
    birth_on,
    country as country_code,
    region,
    city,
    postal_code,
    segment,
    tier,
    marketing_opt_in = 1 as marketing_opt_in,
    created_at,
    updated_at,
    is_deleted = 1 as is_deleted
from lines
