{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'fact_inventory_daily'}},
        'description':
            'Stock below zero, of stores where stores.yaml says that it warns: receipts or counts '
            ~ 'are missing.',
    },
) }}

select
    balances.store_id, balances.product_id, balances.warehouse_id, balances.stock_on,
    balances.closing_quantity
from {{ ref('fact_inventory_daily') }} as balances
inner join {{ source('raw', 'stores') }} as stores on balances.store_id = stores.store_id
where balances.closing_quantity < 0 and stores.stock_below_zero = 'warn'
