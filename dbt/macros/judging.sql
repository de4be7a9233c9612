{#- What our tests are made of: what is known of the model that is judged, which of its rows are, and
    how figures are compared. -#}

{#- The node of a model; none while the project is parsed. -#}
{% macro model_node(model) -%}
    {{ return(graph.nodes.get('model.ecom.' ~ model.identifier) if execute else none) }}
{%- endmacro %}

{#- The rows of a table that a check has to judge: of one with a tail those of the tail. Tables that
    are compared are read `from` the same day, the latest on which the tail of one of them begins.
    The days from which something has changed are forgotten only when every check is green, so what
    lies before them has been judged as it stands. -#}
{% macro unjudged(model, from=none) -%}
    {%- set node = model_node(model) -%}
    {%- if node and node.config.incremental_strategy == 'tail' and not from_the_beginning() -%}
    {#- of rows that hold until the next one those too that end in the tail -#}
    {%- set day = until('judged') if node.config.span_end else 'judged.' ~ node.config.tail_column -%}
    (
        select judged.* from {{ model }} as judged
        inner join {{ graph.nodes['model.ecom.rebuild_from'].relation_name }} as tail
            on
                judged.store_id = tail.store_id
                and {{ day }}
                >= tail.{{ from or tail_from(model) }}
                - {{ node.config.get('look_ahead_days') or 0 }}
                {{- and_not_before(
                    day, from or tail_from(model), node.config.get('look_ahead_days') or 0
                ) }}
    )
    {%- else -%}
    {{ model }}
    {%- endif -%}
{%- endmacro %}

{#- Restricts the relation `alias`, of the dataset by whose changed keys `model` is kept or of the model
    itself, to the keys of which something was delivered since every check was green. -#}
{% macro of_changed(alias, model) -%}
    {%- set dataset = changed_dataset(model) -%}
    {%- if dataset -%}
    {%- set key = model_node(model).config.unique_key | reject('equalto', 'store_id') -%}
    {{ only_changed(alias, source('changed', dataset), key) }}
    {%- endif -%}
{%- endmacro %}

{#- The rows of a model to whose keys something was delivered since; all of one kept otherwise. -#}
{% macro of_changed_keys(model) -%}
    (
        select rows_.* from {{ model }} as rows_
        {{ of_changed('rows_', model) }}
    )
{%- endmacro %}

{#- The raw dataset by whose changed keys a model is kept; none of all other models. -#}
{% macro changed_dataset(model) -%}
    {%- set node = model_node(model) -%}
    {%- set changed = (node.config.get('changed') or '') if node else '' -%}
    {{ return(changed.split('.')[1] if changed.startswith('changed.raw_') else none) }}
{%- endmacro %}

{% macro model_grain(model) -%}
    {%- if execute -%}
        {{ return(model_node(model).config.meta.grain) }}
    {%- endif -%}
    {{ return(['store_id']) }}
{%- endmacro %}

{#- The date column by which a model has a tail; none if it has none. -#}
{% macro tail_column(model) -%}
    {%- set node = model_node(model) -%}
    {{ return(node.config.tail_column if node else none) }}
{%- endmacro %}

{#- The day of `rebuild_from` with which the tail of a model begins. -#}
{% macro tail_from(model) -%}
    {%- set node = model_node(model) -%}
    {{ return(node.config.get('tail_from', 'rebuild_on') if node else 'rebuild_on') }}
{%- endmacro %}

{#- The columns that the contract of a model promises; none while the project is parsed. -#}
{% macro contract_columns(model) -%}
    {%- set node = model_node(model) -%}
    {{ return(node.columns.keys() | list if node else ['store_id']) }}
{%- endmacro %}

{#- Those of them that are counts or sums. -#}
{% macro additive_columns(model) -%}
    {%- set found = [] -%}
    {%- set node = model_node(model) -%}
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
