{#- A surrogate key: 16 hex digits over its parts. Each part has its length before it, so that no
    text can be taken for a null or for the end of a part. -#}
{% macro surrogate_key(parts) -%}
    left(md5(concat_ws('|'
        {%- for part in parts %}
        {%- set text = "cast(" ~ part ~ " as varchar(1000))" -%}
        , coalesce(concat(length({{ text }}), ':', {{ text }}), '~')
        {%- endfor %})), 16)
{%- endmacro %}

{#- An instant as text that all engines write alike. -#}
{% macro instant_text(moment) -%}
    {{ return(adapter.dispatch('instant_text', 'ecom')(moment)) }}
{%- endmacro %}

{% macro default__instant_text(moment) -%}
    date_format({{ moment }}, 'yyyy-MM-dd HH:mm:ss.SSSSSS')
{%- endmacro %}

{% macro duckdb__instant_text(moment) -%}
    strftime({{ moment }}, '%Y-%m-%d %H:%M:%S.%f')
{%- endmacro %}

{#- A channel of a store; '0' where none is named. -#}
{% macro channel_key(store_id, channel) -%}
    case when {{ channel }} is null then '0' else {{ surrogate_key([store_id, channel]) }} end
{%- endmacro %}

{#- The place of a sale, return or customer; '0' where nothing is known of it. -#}
{% macro geography_key(country_code, country_name, region, city) -%}
    case
        when coalesce({{ country_code }}, {{ country_name }}, {{ region }}, {{ city }}) is null
            then '0'
        else {{ surrogate_key([country_code, country_name, region, city]) }}
    end
{%- endmacro %}

{#- A means of payment by one name, however it is spelled. -#}
{% macro method_code(method) -%}
    lower(replace(replace(trim({{ method }}), ' ', '_'), '-', '_'))
{%- endmacro %}

{#- Restricts the unknown member of a dimension that is kept by its changed keys to when it is made. -#}
{% macro unless_held(key) -%}
    {%- if not from_the_beginning() -%}
    where not exists (select 1 from {{ this }} as held where held.{{ key }} = '0')
    {%- endif -%}
{%- endmacro %}

{#- Whether rows of two relations are of one key. -#}
{% macro same_key(left, right, key) -%}
    {%- for column in key -%}
    {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
