{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_product_performance'}},
        'description':
            'Units, money, orders and margin of every product and category of a month are those of its '
            ~ 'lines; share, rank and class follow from gross sales, and a product is named as it was when '
            ~ 'the month ended.',
    },
) }}


{%- set tables = {'kpi_product_performance': 'product_id', 'kpi_category_performance': 'category'} %}
{%- set measures = [
    'units', 'free_units', 'returned_units', 'gross_amount', 'discount_amount', 'returns_amount',
    'net_amount', 'cost_amount', 'margin_amount', 'net_base_amount',
] %}

with lines as (
    select
        store_id, {{ month_of('ordered_on') }} as sales_month, product_key, product_id, order_id,
        case when unit_price > 0 then quantity else 0 end as units,
        case when unit_price = 0 then quantity else 0 end as free_units,
        0 as returned_units, gross_amount, gross_amount - net_amount as discount_amount,
        0 as returns_amount, net_amount, cost_amount, net_amount - cost_amount as margin_amount,
        net_base_amount, quantity > 0 and unit_price > 0 as is_priced
    from {{ unjudged(ref('fact_sales')) }} as judged_sales
    where line_kind = 'product' and not is_test
    union all
    select
        store_id, {{ month_of('refunded_on') }}, product_key, product_id, order_id,
        0, 0, quantity, 0, 0, amount, -amount, -cost_amount,
        case when product_id is null then -amount else cost_amount - amount end, -base_amount, false
    from {{ unjudged(ref('fact_returns')) }} as judged_returns
    where line_kind = 'product' and not is_test
),

-- a category is made of few rows: what its products had in it
by_product as (
    select
        lines.store_id, lines.sales_month, coalesce(lines.product_id, '') as product_id,
        coalesce(d.category, 'unknown') as category, max(lines.units) > 0 as is_sold,
        count(lines.cost_amount) as known_costs
        {%- for measure in measures %}, sum(lines.{{ measure }}) as {{ measure }}{% endfor %}
    from lines
    left join {{ ref('dim_products') }} as d on lines.product_key = d.product_key
    group by
        lines.store_id, lines.sales_month, coalesce(lines.product_id, ''),
        coalesce(d.category, 'unknown')
),

expected as (
    {% for table, name in tables.items() -%}
    select
        '{{ table }}' as table_name, store_id, sales_month, {{ name }} as name,
        count(case when is_sold and product_id <> '' then product_id end) as products,
        {% for measure in measures -%}
        {% if measure == 'margin_amount' -%} case when sum(known_costs) > 0 then {% endif -%}
        sum({{ measure }}) {%- if measure == 'margin_amount' %} end {%- endif %} as {{ measure }}
        {{- "," if not loop.last }}
        {% endfor -%}
    from by_product
    group by store_id, sales_month, {{ name }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

counted as (
    select store_id, sales_month, category, count(*) as orders
    from (
        select distinct lines.store_id, lines.sales_month, lines.order_id,
            coalesce(d.category, 'unknown') as category
        from lines
        inner join {{ ref('int_orders') }} as orders
            on lines.store_id = orders.store_id and lines.order_id = orders.order_id
        left join {{ ref('dim_products') }} as d on lines.product_key = d.product_key
        where lines.is_priced and orders.is_counting
    ) as baskets
    group by store_id, sales_month, category
),

found as (
    {% for table, name in tables.items() -%}
    {%- set month = 'partition by store_id, sales_month' -%}
    select
        '{{ table }}' as table_name, store_id, sales_month, {{ name }} as name, gross_share_rate,
        {{ 'orders, products' if name == 'category' else 'null as orders, null as products' }},
        {% for measure in measures %}{{ measure }}, {% endfor %}
        gross_rank <> row_number() over ({{ month }} order by gross_amount desc, {{ name }} asc)
            as is_misplaced,
        {{ 'abc_class' if name == 'product_id' else 'null' }} as abc_class,
        sum(gross_amount) over ({{ month }}) as month_amount,
        sum(gross_amount) over (
            {{ month }} order by gross_rank rows between unbounded preceding and current row
        ) as running_amount
    from {{ unjudged(ref(table)) }} as judged_{{ table }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    coalesce(f.table_name, e.table_name) as table_name,
    coalesce(f.sales_month, e.sales_month) as sales_month, coalesce(f.name, e.name) as name
from found as f
full outer join expected as e
    on
        f.table_name = e.table_name and f.store_id = e.store_id
        and f.sales_month = e.sales_month and f.name = e.name
left join counted as c
    on f.store_id = c.store_id and f.sales_month = c.sales_month and f.name = c.category
where
    {% for measure in measures %}f.{{ measure }} is distinct from e.{{ measure }} or {% endfor %}
    f.is_misplaced
    or not ({{ is_ratio('f.gross_share_rate', 'f.gross_amount', 'f.month_amount') }})
    or (
        f.table_name = 'kpi_category_performance'
        and (f.orders is distinct from coalesce(c.orders, 0) or f.products is distinct from e.products)
    )
    or f.abc_class <> case
        when f.gross_amount <= 0 then 'C'
        when (f.running_amount - f.gross_amount) * 100 < f.month_amount * 80 then 'A'
        when (f.running_amount - f.gross_amount) * 100 < f.month_amount * 95 then 'B'
        else 'C'
    end
union all
select 'kpi_product_performance', p.sales_month, p.product_id
from {{ unjudged(ref('kpi_product_performance')) }} as p
inner join {{ source('raw', 'stores') }} as stores on p.store_id = stores.store_id
left join {{ ref('int_product_versions') }} as v
    on
        p.store_id = v.store_id
        and p.product_id = v.product_id
        and {{ moment_before(add_months('p.sales_month', 1), 'stores.timezone') }} >= v.applies_from
        and {{ moment_before(add_months('p.sales_month', 1), 'stores.timezone') }} < v.applies_to
where p.product_name is distinct from v.name or p.category is distinct from v.category
