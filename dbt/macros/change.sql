{#- How a change travels: staging replaces the keys that were delivered anew and notes from which
    day on that makes a difference; facts and KPI tables rewrite their tail from there.

    `keys`: the model's rows are those of all changed keys. In one transaction the difference to
    what was held is noted in staging.state.changes, the held rows of these keys are deleted and
    the new ones inserted. Configuration:
      unique_key   columns that say which rows belong together
      changed      relation that lists the changed keys; without one the whole table is replaced
      changed_from column of the moment from which rows of a key are replaced, where that relation
                   tells one; older rows stay
      derived      columns that follow from the rows beside them, such as the end of a span: a row
                   that differs in them alone begins no change, its neighbour does
      changed_on   SQL dates over a differing row `c`; the earliest is where the change begins. A
                   date of other rows is one of a subquery, or stands in a list with what is joined
                   to `c` to find them. Without these and `orders_on` nothing is noted
      orders_on    SQL dates over it, of orders that themselves are what they were, but not what
                   became of them: their day counts for tables by the day of the order alone
-#}

{#- Whether all is built from all rows, which is a build with full refresh. -#}
{% macro from_the_beginning() -%}
    {{ return(execute and flags.FULL_REFRESH) }}
{%- endmacro %}

{#- Restricts the relation `alias` to the changed keys, listed by the relation `changed`. Nothing is
    listed for a build from the beginning, which is one with full refresh: there all rows count. -#}
{% macro only_changed(alias, changed, key) -%}
    {%- if not from_the_beginning() -%}
    inner join {{ changed }} as changed
        on
            {{ alias }}.store_id = changed.store_id
            {%- for column in key %}
            and {{ alias }}.{{ column }} = changed.{{ column }}
            {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{#- Restricts it further, where the keys are told with the moment from which something changed. -#}
{% macro since_changed(moment) -%}
    {%- if not from_the_beginning() %}
            and {{ moment }} >= changed.changed_from
    {%- endif -%}
{%- endmacro %}

{#- Keeps every group; but an engine that guesses how many there are guesses few. -#}
{% macro guessed_few() -%}
    having count(*) > 0
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
    {%- set from = config.get('changed_from') -%}
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
    inner join (
        select distinct {{ key | join(', ') }}{{ ', changed_from' if from }} from staging.{{ changed }}
    ) as k
        on {{ same_key('k', 't', key) }}
        {{ 'and t.' ~ from ~ ' >= k.changed_from' if from }}
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
