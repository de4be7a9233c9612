{{ config(materialized='incremental', incremental_strategy='tail', tail_column='sales_month') }}

{%- set measures = [
    'orders', 'new_orders', 'returning_orders', 'anonymous_orders', 'units', 'free_units',
] %}
{%- set amounts = [
    'gross', 'discount', 'net_by_order_date', 'returns', 'net', 'shipping', 'tax', 'fee',
    'gift_card', 'adjustment', 'total', 'cost', 'margin',
] %}

with days as (
    select *, {{ month_of('sales_on') }} as sales_month from {{ ref('kpi_sales_daily') }}
),

horizon as (
    select * from {{ ref('store_horizon') }}
),

months as (
    select
        store_id,
        sales_month,
        currency_code,
        {% for measure in measures -%}
        sum({{ measure }}) as {{ measure }},
        {% endfor -%}
        {% for amount in amounts -%}
        cast(sum({{ amount }}_amount) as decimal(38, 4)) as {{ amount }}_amount,
        cast(sum({{ amount }}_base_amount) as decimal(38, 4)) as {{ amount }}_base_amount,
        {% endfor -%}
        count(*) as days
    from days
    group by store_id, sales_month, currency_code
),

spent as (
    select
        store_id,
        {{ month_of('spend_on') }} as sales_month,
        {{ total('spend_amount') }} as spend_amount,
        cast(sum(spend_base_amount) as decimal(38, 4)) as spend_base_amount
    from {{ ref('fact_campaign_daily') }}
    group by store_id, {{ month_of('spend_on') }}
),

finished as (
    select
        months.*,
        coalesce(horizon.last_on >= {{ month_end('months.sales_month') }}, false) as is_complete
    from months
    left join horizon on months.store_id = horizon.store_id
),

final as (
    select
        m.store_id,
        m.sales_month,
        m.currency_code,
        m.is_complete,
        {% for measure in measures -%}
        cast(m.{{ measure }} as {{ 'decimal(38, 4)' if 'units' in measure else 'bigint' }})
            as {{ measure }},
        {% endfor -%}
        {% for base in ['', '_base'] -%}
        {% for amount in amounts -%}
        m.{{ amount }}{{ base }}_amount,
        {% endfor -%}
        {{ ratio('m.net_by_order_date' ~ base ~ '_amount', 'm.orders', 4) }} as aov{{ base }},
        {% endfor -%}
        {% for span in ['month', 'year'] -%}
        {% for measure, column in [('net', 'net_amount'), ('orders', 'orders')] -%}
        {%- set before = 'last_' ~ span ~ '.' ~ column -%}
        case when m.is_complete and last_{{ span }}.is_complete and {{ before }} > 0
            then {{ ratio('m.' ~ column ~ ' - ' ~ before, before) }}
        end as {{ measure }}_growth_on_{{ span }}_rate,
        {% endfor -%}
        {% endfor -%}
        cast(coalesce(spent.spend_amount, 0) as decimal(38, 4)) as spend_amount,
        case when spent.store_id is null then 0 else spent.spend_base_amount end
            as spend_base_amount,
        {{ ratio('m.net_amount', 'spent.spend_amount', 10) }} as mer
    from finished as m
    {{ tail('m', 'sales_month') }}
    left join spent on m.store_id = spent.store_id and m.sales_month = spent.sales_month
    left join finished as last_month
        on
            m.store_id = last_month.store_id
            and m.sales_month = {{ add_months('last_month.sales_month', 1) }}
    left join finished as last_year
        on
            m.store_id = last_year.store_id
            and m.sales_month = {{ add_months('last_year.sales_month', 12) }}
)

select * from final
