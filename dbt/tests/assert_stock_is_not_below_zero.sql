{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_inventory_daily'}},
        'description':
            'Nothing is sold that is not there: no day closes with stock below zero. Deliver what is '
            ~ 'missing, a receipt or a count, or set stock_below_zero to warn in stores.yaml.',
    },
) }}

select
    balances.store_id, balances.product_id, balances.warehouse_id, balances.stock_on,
    balances.closing_quantity
from {{ ref('fact_inventory_daily') }} as balances
inner join {{ source('raw', 'stores') }} as stores on balances.store_id = stores.store_id
where balances.closing_quantity < 0 and stores.stock_below_zero = 'block'
