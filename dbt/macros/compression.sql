{#- How DuckDB stores the columns of a table with a contract. It packs numbers of 38 digits so that a
    million takes 0.1 seconds to read, run-length coded 0.005: see "Numbers" in DECISIONS.md. Numbers of
    18 digits are read as fast either way, and take less of the disk packed. -#}
{% macro duckdb__get_table_columns_and_constraints() -%}
    (
        {%- for column in adapter.render_raw_columns_constraints(raw_columns=model['columns']) %}
        {{ column }}
        {{- ' using compression rle' if 'decimal(38' in column | lower | replace(' ', '') }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
