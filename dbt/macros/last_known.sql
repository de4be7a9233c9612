{#- The last value of a window that is not null. -#}
{% macro last_known(value) -%}
    {{ return(adapter.dispatch('last_known', 'ecom')(value)) }}
{%- endmacro %}

{% macro default__last_known(value) -%}
    last_value({{ value }}, true)
{%- endmacro %}

{% macro duckdb__last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}
