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

{#- `keys` maps a column to [dimension, its key]. `versions` maps the key of a version to where the
    versions stand (`of`), to the `id` of what they are of, which the row has as `by`, to the `moment`
    of the row and to the columns that it has of the version (`same`): SQL over the row `f`, its order
    `o` (where the relation `orders` is given), its `store` (where `in_zone`) and the version, which
    is called as its id is (`product`). -#}
{% test no_orphans(model, keys={}, versions={}, orders=none, in_zone=false) %}
    {{ config(meta={'description':
        'Every key leads to a row of its dimension, and one of a version to that which held at the '
        ~ 'moment of the row, with what the row has of it.'}) }}
    {%- for column, target in keys.items() %}
    select distinct '{{ column }}' as key_column, cast(f.{{ column }} as varchar(100)) as key_value
    from {{ unjudged(model) }} as f
    left join {{ target[0] }} as d on f.{{ column }} = d.{{ target[1] }}
    where d.{{ target[1] }} is null
    {{ "union all" if versions or not loop.last }}
    {%- endfor %}
    {%- if versions %}
    {%- set wrong = _not_as_of(versions) %}
    select distinct
        case {% for column, is_wrong in wrong.items() %}when {{ is_wrong }} then '{{ column }}' {% endfor %}end
            as key_column,
        cast(f.{{ versions | first }} as varchar(100)) as key_value
    from {{ unjudged(model) }} as f
    {%- if in_zone %}
    inner join {{ source('raw', 'stores') }} as store on f.store_id = store.store_id
    {%- endif %}
    {%- if orders %}
    left join {{ orders }} as o on f.store_id = o.store_id and f.order_id = o.order_id
    {%- endif %}
    {%- for version in versions.values() %}
    {%- set v = version['id'] | replace('_id', '') %}
    left join {{ version['of'] }} as {{ v }}
        on
            f.store_id = {{ v }}.store_id
            and {{ version.get('by', 'f.' ~ version['id']) }} = {{ v }}.{{ version['id'] }}
            and {{ version['moment'] }} >= {{ v }}.applies_from
            and {{ version['moment'] }} < {{ v }}.applies_to
    {%- endfor %}
    where {{ wrong.values() | join(' or ') }}
    {%- endif %}
{% endtest %}

{#- By key of `versions` above, when it or what the row has of the version is wrong. -#}
{% macro _not_as_of(versions) -%}
    {%- set wrong = {} -%}
    {%- for column, version in versions.items() -%}
        {%- set v = version['id'] | replace('_id', '') -%}
        {%- set faults = ['f.' ~ column ~ ' is distinct from coalesce(' ~ v ~ '.' ~ column ~ ", '0')"] -%}
        {%- for name, value in version.get('same', {}).items() -%}
            {%- do faults.append('f.' ~ name ~ ' is distinct from ' ~ value) -%}
        {%- endfor -%}
        {%- do wrong.update({column: faults | join(' or ')}) -%}
    {%- endfor -%}
    {{ return(wrong) }}
{%- endmacro %}

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

{#- `period` is the table's day or month column. What both tables count or sum is compared, `but` for
    what the table has of a part of the day's lines only. -#}
{% test sums_to_days(model, days, period, but=[]) %}
    {{ config(meta={'description':
        'All that is counted and summed of a day or month adds up to that of kpi_sales_daily.'}) }}
    {%- set columns = additive_columns(model) | select('in', additive_columns(days))
        | reject('in', but) | list or [period] %}
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

{#- The columns that the contract of a model promises; none while the project is parsed. -#}
{% macro contract_columns(model) -%}
    {%- set node = graph.nodes.get('model.ecom.' ~ model.identifier) if execute -%}
    {{ return(node.columns.keys() | list if node else ['store_id']) }}
{%- endmacro %}

{#- Those of them that are counts or sums. -#}
{% macro additive_columns(model) -%}
    {%- set found = [] -%}
    {%- set node = graph.nodes.get('model.ecom.' ~ model.identifier) if execute -%}
    {%- for name, column in (node.columns if node else {}).items()
        if column.data_type in ('bigint', 'decimal(38,4)') -%}
        {%- do found.append(name) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Whether a figure is the ratio of two others of its row to half its last digit, as `ratio` makes
    it: null without a denominator, and where it has more digits than fit. -#}
{% macro is_ratio(value, numerator, denominator, decimals=6) -%}
    {%- set n = 'cast(' ~ numerator ~ ' as double)' -%}
    {%- set d = 'cast(' ~ denominator ~ ' as double)' -%}
    case
        when {{ n }} is null or coalesce({{ d }}, 0) = 0 then {{ value }} is null
        when {{ value }} is null then abs({{ n }}) >= {{ 10 ** (18 - decimals) }} * abs({{ d }})
        else abs(cast({{ value }} as double) * {{ d }} - {{ n }})
            <= abs({{ d }}) * {{ '0.' ~ '0' * decimals ~ '500001' }} + abs({{ n }}) / 1000000000000000
    end
{%- endmacro %}

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
