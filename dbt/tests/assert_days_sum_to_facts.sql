{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_sales_daily'}},
        'description':
            'Identity 5: every day of the ladder in both currencies, its units, orders and what is known '
            ~ 'of costs, recomputed from the facts; residual 0.',
    },
) }}


with lines as (
    select
        store_id, ordered_on as event_on, line_kind, fx_rate, 1 as sale,
        quantity, unit_price, product_id,
        net_amount as net, gross_amount as gross, shipping_amount as shipping, tax_amount as tax,
        cost_amount as cost,
        net_base_amount as net_base
        {%- for part in ['gross', 'shipping', 'tax', 'cost'] %},
        {{ money_convert(part ~ '_amount', 'fx_rate') }} as {{ part }}_base
        {%- endfor %}
    from {{ unjudged(ref('fact_sales'), from='rebuild_on') }} as judged_sales
    where not is_test
    union all
    select
        store_id, refunded_on, line_kind, fx_rate, 0, 0, 0, product_id, -amount, 0, 0, -tax_amount,
        -cost_amount, -base_amount, 0, 0, -{{ money_convert('tax_amount', 'fx_rate') }},
        -{{ money_convert('cost_amount', 'fx_rate') }}
    from {{ unjudged(ref('fact_returns'), from='rebuild_on') }} as judged_returns
    where not is_test
),

facts as (
    select
        store_id,
        event_on,
        {% for base in ['', '_base'] -%}
        {%- set net = 'net' ~ base -%}
        {%- set ladder = {
            'gross': "case when line_kind = 'product' then gross" ~ base ~ " else 0 end",
            'discount': "case when line_kind = 'product' then sale * (gross" ~ base ~ " - " ~ net
                ~ ") when line_kind = 'discount' then -" ~ net ~ " else 0 end",
            'returns': "case when line_kind = 'product' then (sale - 1) * " ~ net ~ " else 0 end",
            'shipping': "shipping" ~ base
                ~ " + case when line_kind = 'shipping' then " ~ net ~ " else 0 end",
            'tax': 'tax' ~ base,
            'fee': "case when line_kind = 'fee' then " ~ net ~ " else 0 end",
            'gift_card': "case when line_kind = 'gift_card' then " ~ net ~ " else 0 end",
            'adjustment': "case when line_kind = 'adjustment' then " ~ net ~ " else 0 end",
            'cost': "case when line_kind = 'product' then cost" ~ base ~ " end",
            'margin': "case when line_kind = 'discount' or (line_kind = 'product' and sale = 0"
                ~ " and product_id is null) then " ~ net ~ " when line_kind = 'product' then "
                ~ net ~ " - cost" ~ base ~ " end",
        } -%}
        {% for column, value in ladder.items() -%}
        sum(case when {{ 'fx_rate is not null' if base else 'true' }} then {{ value }} end)
            as {{ column }}{{ base }}_amount,
        {% endfor -%}
        {% endfor -%}
        count(case when line_kind = 'product' then cost end) as known_costs,
        sum(case when line_kind = 'product' and unit_price > 0 then quantity else 0 end) as units,
        sum(case when line_kind = 'product' and unit_price = 0 then quantity else 0 end)
            as free_units,
        sum(case when line_kind = 'product' then sale else 0 end) as product_lines,
        sum(case when line_kind = 'product' and cost is not null then sale else 0 end)
            as costed_lines
    from lines
    group by store_id, event_on
),

placed as (
    select
        o.store_id,
        o.ordered_on,
        count(*) as orders,
        count(case when numbered.is_first_order then 1 end) as new_orders,
        count(case when o.customer_id is null then 1 end) as anonymous_orders
    from {{ unjudged(ref('int_orders'), from='rebuild_on') }} as o
    left join {{ ref('int_customer_orders') }} as numbered
        on o.store_id = numbered.store_id and o.order_id = numbered.order_id
    where o.is_counting
    group by o.store_id, o.ordered_on
),

days as (
    select * from {{ unjudged(ref('kpi_sales_daily')) }} as judged_days
)

select
    coalesce(days.store_id, facts.store_id) as store_id,
    coalesce(days.sales_on, facts.event_on) as sales_on
from days
full outer join facts on days.store_id = facts.store_id and days.sales_on = facts.event_on
left join placed on days.store_id = placed.store_id and days.sales_on = placed.ordered_on
where
    days.store_id is null
    {%- for column in ladder_columns() %}
    {%- for base in ['', '_base'] %}
    {%- set name = column ~ base ~ '_amount' %}
    {%- set value = 'facts.' ~ name if column != 'margin'
        else 'case when facts.known_costs > 0 then facts.' ~ name ~ ' end' %}
    or (days.{{ name }} is distinct from {{ value }} and coalesce({{ value }}, days.{{ name }}) <> 0)
    {%- endfor %}
    {%- endfor %}
    {%- for column in ['orders', 'new_orders', 'anonymous_orders'] %}
    or days.{{ column }} is distinct from coalesce(placed.{{ column }}, 0)
    {%- endfor %}
    or days.orders is distinct from days.new_orders + days.returning_orders + days.anonymous_orders
    or days.units is distinct from coalesce(facts.units, 0)
    or days.free_units is distinct from coalesce(facts.free_units, 0)
    or not ({{ is_ratio('days.known_cost_rate', 'facts.costed_lines', 'facts.product_lines') }})
    {%- for base in ['', '_base'] %}
    or days.net{{ base }}_amount is distinct from {{ net('days', base) }}
    or days.total{{ base }}_amount is distinct from {{ ladder_total('days', base) }}
    {%- endfor %}
