{#- How DuckDB stores the columns of a table with a contract. It packs numbers of 38 digits so that a
    million takes 0.1 seconds to read, run-length coded 0.005: see "Numbers" in DECISIONS.md. Numbers of
    18 digits are read as fast either way, and take less of the disk packed. A table with the config
    `packed` is left to DuckDB: one so wide that its numbers are most of the database, of which old
    months are hardly ever read again, but copied and put on disk with every version. -#}
{% macro duckdb__get_table_columns_and_constraints() -%}
    {%- set columns = table_columns_and_constraints() -%}
    {%- if config.get('packed') -%}
        {{ return(columns) }}
    {%- endif -%}
    {{ modules.re.sub(
        '(?i)decimal[(]38, ?[0-9]+[)]', '\\g<0> using compression rle', columns
    ) }}
{%- endmacro %}
