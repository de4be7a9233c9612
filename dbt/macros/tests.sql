{#- Our generic tests. Each judges the whole table and returns the offending rows; its description
    is the claim that a reader of a red check is told. -#}

{% test grain(model) %}
    {{ config(meta={'description': "The columns of the table's grain identify a row and are never null."}) }}
    {%- set grain = config.get('grain') or model_grain(model) -%}
    select {{ grain | join(', ') }}, count(*) as row_count
    from {{ model }}
    group by {{ grain | join(', ') }}
    having count(*) > 1
    {%- for column in grain %} or {{ column }} is null{% endfor %}
{% endtest %}

{% macro model_grain(model) -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.ecom.' ~ model.identifier] -%}
        {{ return(node.config.meta.grain) }}
    {%- endif -%}
    {{ return(['store_id']) }}
{%- endmacro %}

{#- `keys` maps a column to [dimension, its key]. -#}
{% test no_orphans(model, keys) %}
    {{ config(meta={'description': 'Every key leads to a row of its dimension.'}) }}
    {%- for column, target in keys.items() %}
    select distinct '{{ column }}' as key_column, cast(f.{{ column }} as varchar(100)) as key_value
    from {{ model }} as f
    left join {{ target[0] }} as d on f.{{ column }} = d.{{ target[1] }}
    where d.{{ target[1] }} is null
    {{ "union all" if not loop.last }}
    {%- endfor %}
{% endtest %}

{% test history(model, id) %}
    {{ config(meta={'description': 'The versions of an id have one that is current, no empty span, no overlap and no gap.'}) }}
    with spans as (
        select
            store_id,
            {{ id }},
            valid_from,
            valid_to,
            is_current,
            lead(valid_from) over (partition by store_id, {{ id }} order by valid_from)
                as next_from,
            sum(case when is_current then 1 else 0 end) over (partition by store_id, {{ id }})
                as current_versions
        from {{ model }}
    )
    select *
    from spans
    where
        current_versions <> 1
        or valid_from >= valid_to
        or next_from is distinct from valid_to
        or is_current is distinct from (valid_to is null)
{% endtest %}

{#- `period` is the table's day or month column. -#}
{% test sums_to_days(model, days, period, columns) %}
    {{ config(meta={'description': 'The amounts of a day or month add up to those of kpi_sales_daily.'}) }}
    select
        store_id,
        period_on
        {%- for column in columns %}, sum({{ column }}) as {{ column }}_difference{% endfor %}
    from (
        select
            store_id,
            {{ 'sales_on' if period == 'sales_on' else month_of('sales_on') }} as period_on
            {%- for column in columns %}, {{ column }}{% endfor %}
        from {{ days }}
        union all
        select
            store_id, {{ period }} as period_on
            {%- for column in columns %}, -{{ column }} as {{ column }}{% endfor %}
        from {{ model }}
    ) as both_tables
    group by store_id, period_on
    having
        {% for column in columns -%}
        sum({{ column }}) <> 0 {{ "or " if not loop.last }}
        {%- endfor %}
{% endtest %}

{#- One number for any number of rows, whatever their order: equal rows, equal digests. -#}
{% macro rows_digest(columns) -%}
    {{ return(adapter.dispatch('rows_digest', 'ecom')(columns)) }}
{%- endmacro %}

{% macro default__rows_digest(columns) -%}
    sum(cast(xxhash64({{ columns | join(', ') }}) as decimal(38, 0)))
{%- endmacro %}

{% macro duckdb__rows_digest(columns) -%}
    sum(cast(hash({{ columns | join(', ') }}) as hugeint))
{%- endmacro %}
