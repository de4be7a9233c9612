{#- What nobody has refunded of an order, line by line. Refunds name kind and product, not the line:
    they use up the lines of their product in order; what none of these could take uses up the lines
    of its kind, and of tax, which a shop books where it likes, those of the order. -#}

{#- CTEs `lines` and `refunds` of the orders in the CTE `orders`, as `unrefunded_lines` wants them. The
    order's own shipping is a line of that kind. -#}
{% macro lines_and_refunds() -%}
sales as (
    select fact_sales.*
    from {{ ref('fact_sales') }} as fact_sales
    inner join orders
        on fact_sales.store_id = orders.store_id and fact_sales.order_id = orders.order_id
),

lines as (
    select
        store_id, order_id, line_number, line_kind, product_id,
        coalesce(product_id, '') as product_code,
        quantity as sold_quantity, net_amount as sold_amount, tax_amount as sold_tax_amount,
        quantity, net_amount as amount, tax_amount
    from sales
    union all
    select
        store_id, order_id, 0 as line_number, 'shipping' as line_kind, null as product_id,
        '' as product_code,
        0 as sold_quantity, sum(shipping_amount) as sold_amount, 0 as sold_tax_amount,
        0 as quantity, sum(shipping_amount) as amount, 0 as tax_amount
    from sales
    group by store_id, order_id
    having sum(shipping_amount) <> 0
),

refunds as (
    select
        refunds.store_id, refunds.order_id, refunds.line_kind,
        coalesce(refunds.product_id, '') as product_code, refunds.quantity, refunds.amount,
        refunds.tax_amount
    from {{ ref('int_refunds') }} as refunds
    inner join orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
)
{%- endmacro %}

{#- What is left of `lines` after `refunds`: a select with one row per line and its `quantity`, `amount`
    and `tax_amount` not refunded. -#}
{% macro unrefunded_lines(lines, refunds) -%}
    {%- set order = ['store_id', 'order_id'] -%}
    {%- set kind = order + ['line_kind'] -%}
    {%- set levels = [kind + ['product_code'], kind, order] -%}
    {%- set selected = namespace(sql='select * from ' ~ lines) -%}
    {%- for level in levels -%}
        {%- set selected.sql = _less_refunds(selected.sql, refunds, level, loop.last) -%}
    {%- endfor -%}
    {{ return(selected.sql) }}
{%- endmacro %}

{#- Lets the refunds of one level use up what is left of its lines; `rest` of a measure is how much
    of all refunds up to here the lines have not taken. -#}
{% macro _less_refunds(lines, refunds, level, is_order) -%}
    {%- set measures = ['tax_amount'] if is_order else ['quantity', 'amount', 'tax_amount'] -%}
    select
        l.store_id, l.order_id, l.line_number, l.line_kind, l.product_id, l.product_code,
        {%- for measure in ['quantity', 'amount', 'tax_amount'] %}
        l.sold_{{ measure }},
        {% if measure in measures -%}
        {{ used_up('l.' ~ measure, 'l.sold_' ~ measure, 'r.' ~ measure, level) }}
        {%- else -%} l.{{ measure }} {%- endif %} as {{ measure }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from ({{ lines }}) as l
    left join (
        select {{ level | join(', ') }}
            {%- for measure in measures %}, sum({{ measure }}) as {{ measure }}{% endfor %}
        from {{ refunds }}
        group by {{ level | join(', ') }}
    ) as r
        on {% for column in level %}l.{{ column }} = r.{{ column }}{{ " and " if not loop.last }}{% endfor %}
{%- endmacro %}

{#- What is left of a line when the refunds of its level have used up the lines in order: money given
    back those with money left, money taken back those below zero. What they cannot take stays, so
    that more than was sold is never reversed; where lines of the other side alone were sold, the
    last one makes it up. -#}
{% macro used_up(own, sold, refunded, level) -%}
    {%- set lines -%} partition by l.{{ level | join(', l.') }} {%- endset -%}
    {#- less what the levels before have let the lines take -#}
    {%- set used -%}
        (coalesce({{ refunded }}, 0) - sum({{ sold }} - {{ own }}) over ({{ lines }}))
    {%- endset -%}
    {%- set until -%}
        over ({{ lines }} order by l.line_number rows between unbounded preceding and current row)
    {%- endset -%}
    case
        when {{ used }} > 0 and max({{ sold }}) over ({{ lines }}) > 0
            then case
                when {{ own }} > 0
                    then greatest(
                        0, least({{ own }}, sum(greatest({{ own }}, 0)) {{ until }} - {{ used }})
                    )
                else {{ own }}
            end
        when {{ used }} < 0 and min({{ sold }}) over ({{ lines }}) < 0
            then case
                when {{ own }} < 0
                    then least(
                        0, greatest({{ own }}, sum(least({{ own }}, 0)) {{ until }} - {{ used }})
                    )
                else {{ own }}
            end
        when
            {{ used }} <> 0
            and (max({{ sold }}) over ({{ lines }}) > 0 or min({{ sold }}) over ({{ lines }}) < 0)
            and row_number() over ({{ lines }} order by l.line_number desc) = 1
            then {{ own }} - {{ used }}
        else {{ own }}
    end
{%- endmacro %}
