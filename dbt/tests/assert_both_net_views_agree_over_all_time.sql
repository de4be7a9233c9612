{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_sales_daily'}},
        'description':
            'Net by event day and net by order day are the same money.',
    },
) }}

select
    store_id,
    sum(net_amount) as net_amount,
    sum(net_by_order_date_amount) as net_by_order_date_amount
from {{ ref('kpi_sales_daily') }}
group by store_id
having
    sum(net_amount) <> sum(net_by_order_date_amount)
    or sum(net_base_amount) <> sum(net_by_order_date_base_amount)
