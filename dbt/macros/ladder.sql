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

{#- What one line of fact_sales `s` adds, by ladder column. Its parts are given by name, so that
    the ladder in the reporting currency adds up to the facts' own conversion of the net. -#}
{% macro sale_line(net, gross, shipping, tax, cost) -%}
    {{ return({
        'gross': "case when s.line_kind = 'product' then " ~ gross ~ " else 0 end",
        'discount': "case s.line_kind when 'product' then " ~ gross ~ " - " ~ net
            ~ " when 'discount' then -" ~ net ~ " else 0 end",
        'returns': "0",
        'shipping': shipping ~ " + case when s.line_kind = 'shipping' then " ~ net ~ " else 0 end",
        'tax': tax,
        'fee': "case when s.line_kind = 'fee' then " ~ net ~ " else 0 end",
        'gift_card': "case when s.line_kind = 'gift_card' then " ~ net ~ " else 0 end",
        'adjustment': "case when s.line_kind = 'adjustment' then " ~ net ~ " else 0 end",
        'cost': "case when s.line_kind = 'product' then " ~ cost ~ " end",
        'margin': "case s.line_kind when 'product' then " ~ net ~ " - " ~ cost
            ~ " when 'discount' then " ~ net ~ " end",
    }) }}
{%- endmacro %}

{#- What one line of fact_returns `r` adds, by ladder column. A refund of no product brings no
    cost back; one of a product whose cost is unknown stays out of the margin, as its sale does. -#}
{% macro return_line(amount, tax, cost) -%}
    {{ return({
        'gross': "0",
        'discount': "case when r.line_kind = 'discount' then " ~ amount ~ " else 0 end",
        'returns': "case when r.line_kind = 'product' then " ~ amount ~ " else 0 end",
        'shipping': "case when r.line_kind = 'shipping' then -" ~ amount ~ " else 0 end",
        'tax': "-" ~ tax,
        'fee': "case when r.line_kind = 'fee' then -" ~ amount ~ " else 0 end",
        'gift_card': "case when r.line_kind = 'gift_card' then -" ~ amount ~ " else 0 end",
        'adjustment': "case when r.line_kind = 'adjustment' then -" ~ amount ~ " else 0 end",
        'cost': "case when r.line_kind = 'product' then -" ~ cost ~ " end",
        'margin': "case when r.line_kind = 'product' and r.product_id is not null then " ~ cost
            ~ " - " ~ amount ~ " when r.line_kind in ('product', 'discount') then -" ~ amount
            ~ " end",
    }) }}
{%- endmacro %}

{#- The measures of a line as typed columns, in both currencies; unknown in the reporting currency
    where there is no rate. -#}
{% macro ladder_measures(line, line_in_base, rate) -%}
    {%- for column in ladder_columns() %}
    cast({{ line[column] }} as decimal(18, 4)) as {{ column }}_amount,
    case when {{ rate }} is not null then cast({{ line_in_base[column] }} as decimal(18, 4)) end
        as {{ column }}_base_amount
    {{- "," if not loop.last }}
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
