{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'pending_rows'}},
        'description':
            'An order whose lines have not come within the allowed days; a person should look.',
    },
) }}

select pending.*
from {{ ref('pending_rows') }} as pending
inner join {{ source('raw', 'stores') }} as stores on pending.store_id = stores.store_id
where pending.reason = 'lines_missing' and pending.pending_days > stores.max_pending_days
