{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'stg_orders'}},
        'description':
            'No order is dated more than a day after the day on which it was first delivered: it '
            ~ 'counts as it is dated, and the calendar reaches as far; a person should look at '
            ~ 'the file.',
    },
) }}

-- one day is for zones ahead of the one in which a file was written
select
    orders.store_id, orders.order_id, orders.ordered_on, orders.first_delivered_on,
    orders.source_file, orders.source_row
from {{ ref('stg_orders') }} as orders
{{ tail('orders', 'ordered_on', 'changed_on') }}
where orders.ordered_on > orders.first_delivered_on + interval 1 day
