{{ config(meta={
    'dagster': {'ref': {'name': 'dim_date'}},
    'description': 'Every day by which a fact is told has its row in dim_date, of its store.',
}) }}

{%- set days = {
    'fact_sales': 'ordered_on',
    'fact_returns': 'refunded_on',
    'fact_payments': 'paid_on',
    'fact_shipments': 'ordered_on',
    'fact_inventory_movements': 'moved_on',
    'fact_inventory_daily': 'stock_on',
    'fact_sessions': 'started_on',
    'fact_campaign_daily': 'spend_on',
    'fact_fraud_signals': 'signal_on',
} %}

with told as (
    {% for fact, day in days.items() -%}
    select '{{ fact }}' as fact_name, store_id, {{ day }} as date_on
    from {{ unjudged(ref(fact)) }} as {{ fact }}
    group by store_id, {{ day }}
    {{ "union all" if not loop.last }}
    {% endfor -%}
)

select told.fact_name, told.store_id, told.date_on
from told
left join {{ ref('dim_date') }} as days on told.store_id = days.store_id and told.date_on = days.date_on
where days.date_on is null
