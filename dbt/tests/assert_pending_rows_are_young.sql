-- A row that nothing resolves within the allowed days blocks; a missing rate at once.
{{ config(meta={'dagster': {'ref': {'name': 'pending_rows'}}}) }}

select pending.*
from {{ ref('pending_rows') }} as pending
inner join {{ source('raw', 'stores') }} as stores on pending.store_id = stores.store_id
where
    pending.reason = 'rate_missing'
    or pending.pending_days > stores.max_pending_days
