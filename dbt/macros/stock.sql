{#- Whether a day's row of fact_inventory_daily brings stock to where there may have been none:
    before the first such day nobody could have run out of it. -#}
{% macro brings_stock() -%}
    (received_quantity > 0 or transferred_in_quantity > 0 or counted_quantity is not null)
{%- endmacro %}
