{#- How a tail is rewritten, and how little of a table is read for it. -#}

{#- `tail`: deletes the target's rows of each store on or after a day, inserts the new ones.
    The built-in delete+insert would leave deleted lines and moved versions behind. Configuration:
      tail_column      date column of the target
      tail_from        which day of `rebuild_from` that is; `tail` is given the same. `rebuild_on`
                       is right for every table; where nothing counts on the day of an order that
                       happens later, `changed_month` is for a table of months, `changed_on` for days
      look_ahead_days  how many days later than a row the events may lie that it depends on: its
                       tail begins so much earlier; `tail` is given the same number
      span_end         column that says until when a row holds, which a later one may change: the
                       model also yields the rows before the tail that end anew, by `unique_key` -#}
{% macro get_incremental_tail_sql(arguments) -%}
    {%- set target = arguments['target_relation'] -%}
    delete from {{ target }} as t
    using {{ ref('rebuild_from') }} as tail
    where
        t.store_id = tail.store_id
        and t.{{ config.get('tail_column') }}
        >= tail.{{ config.get('tail_from', 'rebuild_on') }} - {{ config.get('look_ahead_days', 0) }}
        {{- and_not_before(
            't.' ~ config.get('tail_column'), config.get('tail_from', 'rebuild_on'),
            config.get('look_ahead_days', 0)
        ) }};
    {% if config.get('span_end') -%}
    delete from {{ target }} as t
    using {{ arguments['temp_relation'] }} as n
    where {{ same_key('t', 'n', config.get('unique_key')) }};
    {% endif -%}
    insert into {{ target }} by name select * from {{ arguments['temp_relation'] }};
{%- endmacro %}

{#- Restricts a model to its tail: joins the relation `alias` to the day from which to rebuild. Built
    from the beginning it is all tail: a join that keeps every row would be taken for one that keeps
    few, and what follows planned for so many. -#}
{% macro tail(alias, column, from='rebuild_on', look_ahead_days=0) -%}
    {%- set rebuild_from = ref('rebuild_from') -%}
    {%- if not from_the_beginning() -%}
    inner join {{ rebuild_from }} as tail
        on
            {{ alias }}.store_id = tail.store_id
            and {{ alias }}.{{ column }} >= tail.{{ from }}
            {{- " - " ~ look_ahead_days if look_ahead_days }}
            {{- and_not_before(alias ~ '.' ~ column, from, look_ahead_days) }}
    {%- endif -%}
{%- endmacro %}

{#- The same of all stores as a date that is written out: an engine that knows between which days the
    rows of a block lie then reads no block of before, whereas it would read all to join them. Says
    nothing where the day is not known: while the project is parsed, and in unit tests. -#}
{% macro and_not_before(column, from, days=0) -%}
    {%- if execute and flags.WHICH == 'build' and model.resource_type in ['model', 'test'] -%}
    {%- set earliest = earliest_days()[from] -%}
    {%- if earliest %}
            and {{ column }} >= cast('{{ earliest }}' as date)
            {{- " - " ~ days if days }}
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The earliest of each day of `rebuild_from`, asked for once: `graph` is that of all the invocation.
    Whoever asks comes after that model, which a test over the manifest holds. -#}
{% macro earliest_days() -%}
    {%- if 'earliest_days' not in graph -%}
        {%- set days = ['changed_on', 'changed_month', 'rebuild_on'] -%}
        {%- set found = run_query(
            'select min(' ~ days | join('), min(') ~ ') from '
            ~ graph.nodes['model.ecom.rebuild_from'].relation_name
        ).rows[0] -%}
        {%- do graph.update({'earliest_days': dict(zip(days, found))}) -%}
    {%- endif -%}
    {{ return(graph['earliest_days']) }}
{%- endmacro %}

{#- A table that is built from the beginning is written in the order of a day, as its tails will come
    to be: what a later build has to read of it lies together. -#}
{% macro in_order_of(day) -%}
    {%- if from_the_beginning() %}order by {{ day }}{% endif -%}
{%- endmacro %}
