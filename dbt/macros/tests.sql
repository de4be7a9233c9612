{#- Our generic tests. Each returns the offending rows; its description is the claim that a reader of
    a red check is told. -#}

{#- The rows of a table that a check has to judge: of one with a tail those on or after rebuild_on.
    The days from which something has changed are forgotten only when every check is green, so what
    lies before them has been judged as it stands. -#}
{% macro unjudged(model) -%}
    {%- set node = graph.nodes.get('model.ecom.' ~ model.identifier) if execute -%}
    {%- if node and node.config.incremental_strategy == 'tail' -%}
    (
        select judged.* from {{ model }} as judged
        inner join {{ graph.nodes['model.ecom.rebuild_from'].relation_name }} as tail
            on
                judged.store_id = tail.store_id
                and judged.{{ node.config.tail_column }}
                >= tail.rebuild_on - {{ node.config.get('look_ahead_days') or 0 }}
    )
    {%- else -%}
    {{ model }}
    {%- endif -%}
{%- endmacro %}

{% test grain(model) %}
    {{ config(meta={'description': "The columns of the table's grain identify a row and are never null."}) }}
    {%- set grain = config.get('grain') or model_grain(model) -%}
    {%- set day = tail_column(model) -%}
    select {{ grain | join(', ') }}, count(*) as row_count
    from {{ unjudged(model) if day in grain else model }} as judged
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

{#- The date column by which a model has a tail; none if it has none. -#}
{% macro tail_column(model) -%}
    {%- set node = graph.nodes.get('model.ecom.' ~ model.identifier) if execute -%}
    {{ return(node.config.tail_column if node else none) }}
{%- endmacro %}

{#- `keys` maps a column to [dimension, its key]. -#}
{% test no_orphans(model, keys) %}
    {{ config(meta={'description': 'Every key leads to a row of its dimension.'}) }}
    {%- for column, target in keys.items() %}
    select distinct '{{ column }}' as key_column, cast(f.{{ column }} as varchar(100)) as key_value
    from {{ unjudged(model) }} as f
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
        from {{ unjudged(days) }} as judged_days
        union all
        select
            store_id, {{ period }} as period_on
            {%- for column in columns %}, -{{ column }} as {{ column }}{% endfor %}
        from {{ unjudged(model) }} as judged_periods
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
