-- One row per customer and change; one who is gone from the table is deleted when that was committed
-- (its changes are read) or seen. No row is dated after it was pulled, or before what was pulled of
-- its customer before.
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
    coalesce(
        committed_at,
        counts_from,
        case when deleted = 'true' then pulled_at end,
        least(updated_at, pulled_at)
    ) as updated_at,
    deleted is not distinct from 'true' as is_deleted
from lines
