{{ config(
    meta={
        'dagster': {'ref': {'name': 'dim_stores'}},
        'description':
            'Money is told in the currency of its store, and in the reporting currency at the rate of its '
            ~ 'day.',
    },
) }}


{%- set priced = {
    'fact_sales': ['ordered_on', 'net_amount', 'net_base_amount'],
    'fact_returns': ['refunded_on', 'amount', 'base_amount'],
    'fact_payments': ['paid_on', 'amount', 'base_amount'],
    'fact_campaign_daily': ['spend_on', 'spend_amount', 'spend_base_amount'],
} %}
{%- set others = [
    'fact_fraud_signals', 'kpi_attribution', 'kpi_campaign_performance',
    'kpi_category_performance', 'kpi_cohort_value', 'kpi_customer_rfm', 'kpi_fraud_daily',
    'kpi_geo_sales', 'kpi_inventory_status', 'kpi_inventory_turnover', 'kpi_payment_mix',
    'kpi_product_performance', 'kpi_sales_daily', 'kpi_sales_hourly', 'kpi_sales_monthly',
] %}

with told as (
    {% for fact, columns in priced.items() -%}
    select distinct
        '{{ fact }}' as table_name, store_id, currency_code, {{ columns[0] }} as day_on, fx_rate,
        {{ columns[2] }} is distinct from {{ money_convert(columns[1], 'fx_rate') }} as is_wrong
    from {{ unjudged(ref(fact)) }} as judged_{{ fact }}
    union all
    {% endfor -%}
    select distinct
        'fact_inventory_daily', f.store_id, f.currency_code, f.stock_on, f.fx_rate,
        f.closing_value_amount is distinct from {{ money_mul('f.unit_cost', 'f.closing_quantity') }}
        or f.closing_value_base_amount is distinct from
        {{ money_convert('f.closing_value_amount', 'f.fx_rate') }}
        or f.cost_of_sales_base_amount is distinct from
        {{ money_convert('f.cost_of_sales_amount', 'f.fx_rate') }}
    from {{ ref('fact_inventory_daily') }} as f
    {{ tail('f', 'stock_on', 'changed_on') }}
    {%- for table in others %}
    union all
    select distinct '{{ table }}', store_id, currency_code, null, null, false
    from {{ unjudged(ref(table)) }} as judged_{{ table }}
    {%- endfor %}
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
)

select distinct told.table_name, told.store_id, told.day_on, told.currency_code, told.fx_rate
from told
left join stores on told.store_id = stores.store_id
{{ rate_of('told', 'told.day_on') }}
where
    told.is_wrong
    or told.currency_code is distinct from stores.currency_code
    or (told.day_on is not null and told.fx_rate is distinct from {{ fx_rate() }})
