{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'fact_campaign_daily'}},
        'description':
            'Spend that is too large for money in the reporting currency stays unknown in it; a '
            ~ 'person should look at the amount or the rate.',
    },
) }}

select store_id, campaign_id, spend_on, spend_amount, fx_rate
from {{ ref('fact_campaign_daily') }}
where fx_rate is not null and spend_base_amount is null
