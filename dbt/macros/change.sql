{#- How a change travels: staging replaces the keys that were delivered anew and notes from which
    day on that makes a difference; facts and KPI tables rewrite their tail from there.

    `keys`: the model's rows are those of all changed keys. In one transaction the difference to
    what was held is noted in staging.state.changes, the held rows of these keys are deleted and
    the new ones inserted. Configuration:
      unique_key   columns that say which rows belong together
      changed      relation that lists the changed keys; without one the whole table is replaced
      derived      columns that follow from the rows beside them, such as the end of a span: a row
                   that differs in them alone begins no change, its neighbour does
      changed_on   SQL dates over a differing row `c`; the earliest is where the change begins. A
                   date of other rows is one of a subquery, or stands in a list with what is joined
                   to `c` to find them. Without these and `orders_on` nothing is noted
      orders_on    SQL dates over it, of orders that themselves are what they were, but not what
                   became of them: their day counts for tables by the day of the order alone
-#}

{#- Restricts the relation `alias` to the changed keys, listed by the relation `changed`. Nothing is
    listed for a build from the beginning, which is one with full refresh: there all rows count. -#}
{% macro only_changed(alias, changed, key) -%}
    {%- if not execute or not flags.FULL_REFRESH -%}
    inner join {{ changed }} as changed
        on
            {{ alias }}.store_id = changed.store_id
            {%- for column in key %}
            and {{ alias }}.{{ column }} = changed.{{ column }}
            {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{% macro lineage_columns() -%}
    {{ return([
        'feed', 'document_id', 'overflow', 'first_delivered_on', 'delivered_on', 'landed_at',
        'source_file', 'source_row'
    ]) }}
{%- endmacro %}

{% macro get_incremental_keys_sql(arguments) -%}
    {%- set target = arguments['target_relation'] -%}
    {%- set new_rows = arguments['temp_relation'] -%}
    {%- set key = config.get('unique_key') -%}
    {%- set changed = config.get('changed') -%}
    {%- set rules = config.get('changed_on', []) + config.get('orders_on', []) -%}
    {%- set names = [] -%}
    {%- for column in arguments['dest_columns']
        if column.name not in lineage_columns() + config.get('derived', []) -%}
        {%- do names.append(column.quoted) -%}
    {%- endfor -%}
    {%- set compared = names | join(', ') -%}
    {%- set held = this.identifier ~ '__held' -%}
    {#- looked for once: the table may hold years, of which a day changes little -#}
    create or replace temp table {{ held }} as
    select t.*, t.rowid as held_row from {{ target }} as t
    {%- if changed %}
    inner join (select distinct {{ key | join(', ') }} from staging.{{ changed }}) as k
        on {{ same_key('k', 't', key) }}
    {%- endif %};

    {% if rules -%}
    create or replace temp table {{ this.identifier }}__differing as
    (select {{ compared }} from {{ held }} except all select {{ compared }} from {{ new_rows }})
    union all
    (select {{ compared }} from {{ new_rows }} except all select {{ compared }} from {{ held }});

    insert into staging.state.changes
    select store_id, '{{ this.identifier }}', min(changed_on), min(orders_on)
    from (
        {% for rule in rules -%}
        {%- set day, joined = (rule, '') if rule is string else (rule[0], 'inner join ' ~ rule[1]) -%}
        {%- set is_of_orders = loop.index > (config.get('changed_on', []) | length) -%}
        select
            c.store_id,
            {{ 'cast(null as date)' if is_of_orders else day }} as changed_on,
            {{ day if is_of_orders else 'cast(null as date)' }} as orders_on
        from {{ this.identifier }}__differing as c {{ joined }}
        {{ "union all" if not loop.last }}
        {% endfor -%}
    )
    where changed_on is not null or orders_on is not null
    group by store_id;

    drop table {{ this.identifier }}__differing;
    {% endif -%}
    delete from {{ target }} where rowid in (select held_row from {{ held }});
    insert into {{ target }} by name select * from {{ new_rows }};
    drop table {{ held }};
{%- endmacro %}

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

{#- Restricts a model to its tail: joins the relation `alias` to the day from which to rebuild. -#}
{% macro tail(alias, column, from='rebuild_on', look_ahead_days=0) -%}
    inner join {{ ref('rebuild_from') }} as tail
        on
            {{ alias }}.store_id = tail.store_id
            and {{ alias }}.{{ column }} >= tail.{{ from }}
            {{- " - " ~ look_ahead_days if look_ahead_days }}
            {{- and_not_before(alias ~ '.' ~ column, from, look_ahead_days) }}
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
    {%- if execute and flags.FULL_REFRESH %}order by {{ day }}{% endif -%}
{%- endmacro %}
