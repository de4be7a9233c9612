{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'fact_sales'}},
        'description':
            'Costs and amounts in the reporting currency that are too large for money stay '
            ~ 'unknown; a person should look at the cost, the quantity or the rate.',
    },
) }}

select store_id, order_id, line_number, quantity, unit_cost, net_amount, fx_rate
from {{ ref('fact_sales') }}
where
    (unit_cost is not null and cost_amount is null)
    or (fx_rate is not null and net_base_amount is null)
