{#- How DuckDB stores the columns of a table with a contract. It packs numbers of 38 digits so that a
    million takes 0.1 seconds to read, run-length coded 0.005: see "Numbers" in DECISIONS.md. Numbers of
    18 digits are read as fast either way, and take less of the disk packed. -#}
{% macro duckdb__get_table_columns_and_constraints() -%}
    {{ modules.re.sub(
        '(?i)decimal[(]38, ?[0-9]+[)]', '\\g<0> using compression rle', table_columns_and_constraints()
    ) }}
{%- endmacro %}
