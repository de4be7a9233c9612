{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_product_performance'}},
        'description':
            'Units and money of the categories of a month are those of its lines, and so is what its '
            ~ 'products come to; share, rank and class follow from gross sales, and a product is named '
            ~ 'as it was when the month ended.',
    },
) }}

{%- set names = {'kpi_product_performance': 'product_id', 'kpi_category_performance': 'category'} %}
{%- set measures = [
    'units', 'free_units', 'returned_units', 'gross_amount', 'discount_amount', 'returns_amount',
    'net_amount', 'cost_amount', 'margin_amount', 'net_base_amount',
] %}

with lines as (
    select
        store_id, {{ month_of('ordered_on') }} as sales_month, product_key, product_id,
        case when unit_price > 0 then quantity else 0 end as units,
        case when unit_price = 0 then quantity else 0 end as free_units,
        0 as returned_units, gross_amount, gross_amount - net_amount as discount_amount,
        0 as returns_amount, net_amount, cost_amount, net_amount - cost_amount as margin_amount,
        net_base_amount
    from {{ unjudged(ref('fact_sales'), from='changed_month') }} as judged_sales
    where line_kind = 'product' and not is_test
    union all
    select
        store_id, {{ month_of('refunded_on') }}, product_key, product_id,
        0, 0, quantity, 0, 0, amount, -amount, -cost_amount,
        case when product_id is null then -amount else cost_amount - amount end, -base_amount
    from {{ unjudged(ref('fact_returns'), from='changed_month') }} as judged_returns
    where line_kind = 'product' and not is_test
),

-- what nobody knows the product of has a margin only beside costs that are known
categories as (
    select
        lines.store_id, lines.sales_month, coalesce(d.category, 'unknown') as category,
        count(lines.cost_amount) as known_costs,
        sum(case when lines.product_id is not null then lines.margin_amount end) as products_margin
        {%- for measure in measures %}, sum(lines.{{ measure }}) as {{ measure }}{% endfor %}
    from lines
    left join {{ ref('dim_products') }} as d on lines.product_key = d.product_key
    group by lines.store_id, lines.sales_month, coalesce(d.category, 'unknown')
),

expected as (
    select
        'kpi_category_performance' as table_name, store_id, sales_month, category as name
        {%- for measure in measures %},
        {{ 'case when known_costs > 0 then margin_amount end as margin_amount'
            if measure == 'margin_amount' else measure }}
        {%- endfor %}
    from categories
    union all
    select
        'kpi_product_performance', store_id, sales_month, 'all'
        {%- for measure in measures %},
        sum({{ 'products_margin' if measure == 'margin_amount' else measure }})
        {%- endfor %}
    from categories
    group by store_id, sales_month
),

month_ends as (
    select
        months.store_id, months.sales_month,
        {{ moment_before(add_months('months.sales_month', 1), 'stores.timezone') }} as ended_at
    from (select distinct store_id, sales_month from categories) as months
    inner join {{ source('raw', 'stores') }} as stores on months.store_id = stores.store_id
),

ranked as (
    {% for table, name in names.items() -%}
    {%- set month = 'partition by store_id, sales_month' -%}
    select
        '{{ table }}' as table_name, store_id, sales_month, {{ name }} as name,
        {{ "'all'" if name == 'product_id' else name }} as judged_as,
        {{ 'abc_class' if name == 'product_id' else 'null' }} as abc_class,
        {% for measure in measures %}{{ measure }}, {% endfor %}
        gross_share_rate,
        row_number() over {{ name }}_ranks <> gross_rank
        or lag(gross_amount) over {{ name }}_ranks < gross_amount as is_misplaced,
        sum(gross_amount) over ({{ month }}) as month_amount,
        sum(gross_amount) over {{ name }}_ranks as running_amount
    from {{ unjudged(ref(table)) }} as judged_{{ table }}
    window {{ name }}_ranks as (
        {{ month }} order by gross_rank rows between unbounded preceding and current row
    )
    {{ "union all" if not loop.last }}
    {% endfor %}
),

found as (
    select
        table_name, store_id, sales_month, judged_as as name
        {%- for measure in measures %}, sum({{ measure }}) as {{ measure }}{% endfor %}
    from ranked
    group by table_name, store_id, sales_month, judged_as
)

select coalesce(f.table_name, e.table_name) as table_name,
    coalesce(f.sales_month, e.sales_month) as sales_month, coalesce(f.name, e.name) as name
from found as f
full outer join expected as e
    on
        f.table_name = e.table_name and f.store_id = e.store_id
        and f.sales_month = e.sales_month and f.name = e.name
where
    {%- for measure in measures %}
    f.{{ measure }} is distinct from e.{{ measure }}{{ " or" if not loop.last }}
    {%- endfor %}
union all
select table_name, sales_month, name
from ranked
where
    is_misplaced
    or not ({{ is_ratio('gross_share_rate', 'gross_amount', 'month_amount') }})
    or abc_class <> case
        when gross_amount <= 0 then 'C'
        when (running_amount - gross_amount) * 100 < month_amount * 80 then 'A'
        when (running_amount - gross_amount) * 100 < month_amount * 95 then 'B'
        else 'C'
    end
union all
select 'kpi_product_performance', p.sales_month, p.product_id
from {{ unjudged(ref('kpi_product_performance')) }} as p
inner join month_ends as m on p.store_id = m.store_id and p.sales_month = m.sales_month
left join {{ ref('int_product_versions') }} as v
    on
        p.store_id = v.store_id
        and p.product_id = v.product_id
        and m.ended_at >= v.applies_from
        and m.ended_at < v.applies_to
where p.product_name is distinct from v.name or p.category is distinct from v.category
