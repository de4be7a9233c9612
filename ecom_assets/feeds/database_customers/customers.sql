-- One row per customer and change; one who is gone from the table is deleted when that was committed
-- (its changes are read) or seen.
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
    lower(marketing_opt_in) in ('true', 't', '1') as marketing_opt_in,
    created_at,
    case
        when deleted = 'true' and committed_at is null then pulled_at
        else greatest(updated_at, committed_at)
    end as updated_at,
    deleted is not distinct from 'true' as is_deleted
from lines
