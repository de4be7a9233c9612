{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'fact_payments'}},
        'description':
            'Payments that are too large for money in the reporting currency stay unknown in it; a '
            ~ 'person should look at the amount or the rate.',
    },
) }}

select store_id, payment_id, order_id, amount, fx_rate
from {{ ref('fact_payments') }}
where fx_rate is not null and base_amount is null
