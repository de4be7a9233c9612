{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'fact_inventory_daily'}},
        'description':
            'Stock whose value is too large for money has none; a person should look at its '
            ~ 'quantity, its cost or the rate.',
    },
) }}

select store_id, product_id, warehouse_id, stock_on, closing_quantity, unit_cost, fx_rate
from {{ ref('fact_inventory_daily') }}
where
    (unit_cost is not null and closing_value_amount is null)
    or (fx_rate is not null and closing_value_base_amount is null and unit_cost is not null)
