{#- The ladder of the sales KPIs:
      net   = gross - discount - returns
      total = net + shipping + tax + fee + gift card + adjustment
    Symmetric by kind: gross and returns hold product lines only; a refund of another kind lowers
    that kind's own column. Every column exists in the store's and in the reporting currency. -#}

{% macro ladder_columns() -%}
    {{ return([
        'gross', 'discount', 'returns', 'shipping', 'tax', 'fee', 'gift_card', 'adjustment',
        'cost', 'margin'
    ]) }}
{%- endmacro %}

{#- What one line of fact_sales `s` adds, by ladder column. -#}
{% macro sale_line() -%}
    {{ return({
        'gross': "case when s.line_kind = 'product' then s.gross_amount else 0 end",
        'discount': "case s.line_kind when 'product' then s.discount_amount"
            ~ " when 'discount' then -s.net_amount else 0 end",
        'returns': "0",
        'shipping': "s.shipping_amount"
            ~ " + case when s.line_kind = 'shipping' then s.net_amount else 0 end",
        'tax': "s.tax_amount",
        'fee': "case when s.line_kind = 'fee' then s.net_amount else 0 end",
        'gift_card': "case when s.line_kind = 'gift_card' then s.net_amount else 0 end",
        'adjustment': "case when s.line_kind = 'adjustment' then s.net_amount else 0 end",
        'cost': "case when s.line_kind = 'product' then s.cost_amount end",
        'margin': "case s.line_kind when 'product' then s.net_amount - s.cost_amount"
            ~ " when 'discount' then s.net_amount end",
    }) }}
{%- endmacro %}

{#- What one line of fact_returns `r` adds, by ladder column. -#}
{% macro return_line() -%}
    {{ return({
        'gross': "0",
        'discount': "case when r.line_kind = 'discount' then r.amount else 0 end",
        'returns': "case when r.line_kind = 'product' then r.amount else 0 end",
        'shipping': "case when r.line_kind = 'shipping' then -r.amount else 0 end",
        'tax': "-r.tax_amount",
        'fee': "case when r.line_kind = 'fee' then -r.amount else 0 end",
        'gift_card': "case when r.line_kind = 'gift_card' then -r.amount else 0 end",
        'adjustment': "case when r.line_kind = 'adjustment' then -r.amount else 0 end",
        'cost': "case when r.line_kind = 'product' then -r.cost_amount end",
        'margin': "case r.line_kind when 'product' then r.cost_amount - r.amount"
            ~ " when 'discount' then -r.amount end",
    }) }}
{%- endmacro %}

{#- The measures of a line as typed columns, in both currencies. -#}
{% macro ladder_measures(line, rate) -%}
    {%- for column in ladder_columns() %}
    cast({{ line[column] }} as decimal(18, 4)) as {{ column }}_amount,
    {{ money_convert(line[column], rate) }} as {{ column }}_base_amount{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Sums of all measures; costs stay null where none is known. -#}
{% macro ladder_totals(alias) -%}
    {%- for column in ladder_columns() -%}
    {%- for base in ['', '_base'] %}
    {%- set name = column ~ base ~ '_amount' %}
    {% if column == 'margin' -%}
    case
        when count({{ alias }}.cost_amount) > 0
            then cast(sum({{ alias }}.{{ name }}) as decimal(38, 4))
    end as {{ name }},
    {%- elif base or column == 'cost' -%}
    cast(sum({{ alias }}.{{ name }}) as decimal(38, 4)) as {{ name }},
    {%- else -%}
    {{ total(alias ~ '.' ~ name) }} as {{ name }},
    {%- endif -%}
    {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- Net and total, from the columns of `alias`. -#}
{% macro net(alias, base='') -%}
    cast(
        {{ alias }}.gross{{ base }}_amount - {{ alias }}.discount{{ base }}_amount
        - {{ alias }}.returns{{ base }}_amount as decimal(38, 4)
    )
{%- endmacro %}

{% macro ladder_total(alias, base='') -%}
    cast(
        {{ alias }}.gross{{ base }}_amount - {{ alias }}.discount{{ base }}_amount
        - {{ alias }}.returns{{ base }}_amount
        {%- for column in ['shipping', 'tax', 'fee', 'gift_card', 'adjustment'] %}
        + {{ alias }}.{{ column }}{{ base }}_amount
        {%- endfor %} as decimal(38, 4)
    )
{%- endmacro %}
