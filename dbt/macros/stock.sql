{#- Whether a day's row of fact_inventory_daily brings stock to where there may have been none:
    before the first such day nobody could have run out of it. -#}
{% macro brings_stock() -%}
    (received_quantity > 0 or transferred_in_quantity > 0 or counted_quantity is not null)
{%- endmacro %}

{#- Days of spans of stock (from `from_on` until `until_on`) on which the product was on sale, and what
    was sold on them: all, less those on which it was not, as rows of negative days. -#}
{% macro days_on_sale(spans, columns, from_on, with_sales=false) -%}
    select
        {{ columns | join(', ') }},
        {% if with_sales %}sold_quantity,{% endif %}
        {{ days_between(from_on, 'until_on') }} as days
    from {{ spans }}
    union all
    select
        {% for column in columns %}s.{{ column }}, {% endfor %}
        {% if with_sales -%}
        case when s.{{ from_on }} >= i.inactive_from_on then -s.sold_quantity else 0 end
            as sold_quantity,
        {%- endif %}
        {{ days_between(
            'least(s.until_on, i.inactive_until_on)',
            'greatest(s.' ~ from_on ~ ', i.inactive_from_on)'
        ) }} as days
    from {{ spans }} as s
    inner join {{ ref('int_inactive_days') }} as i
        on
            s.store_id = i.store_id
            and s.product_id = i.product_id
            and s.{{ from_on }} < i.inactive_until_on
            and s.until_on > i.inactive_from_on
{%- endmacro %}

{#- The day until which a row of fact_inventory_daily holds, also where it holds still. -#}
{% macro until(balances) -%}
    coalesce({{ balances }}.valid_until_on, cast('9999-12-31' as date))
{%- endmacro %}
