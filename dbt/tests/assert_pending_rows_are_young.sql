{{ config(
    meta={
        'dagster': {'ref': {'name': 'pending_rows'}},
        'description':
            'A row that nothing resolves within the allowed days blocks; a missing rate at once. '
            ~ 'An order without lines has no money to miss: it warns. '
            ~ 'Deliver what the rows wait for, or raise max_pending_days in stores.yaml.',
    },
) }}

select pending.*
from {{ ref('pending_rows') }} as pending
inner join {{ source('raw', 'stores') }} as stores on pending.store_id = stores.store_id
where
    pending.reason = 'rate_missing'
    or (pending.reason <> 'lines_missing' and pending.pending_days > stores.max_pending_days)
