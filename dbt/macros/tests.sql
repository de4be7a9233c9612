{#- Our generic tests. Each returns the offending rows; its description is the claim that a reader of
    a red check is told. -#}

{% test grain(model) %}
    {{ config(meta={'description': "The columns of the table's grain identify a row and are never null."}) }}
    {%- set grain = config.get('grain') or model_grain(model) -%}
    {%- set day = tail_column(model) -%}
    {%- set judged = of_changed_keys(model) if changed_dataset(model) else unjudged(model) %}
    select {{ grain | join(', ') }}, count(*) as row_count
    from {{ judged }} as judged
    group by {{ grain | join(', ') }}
    having
        count(*) > 1
        {%- for column in grain %} or {{ column }} is null{% endfor %}
    {%- if day and day not in grain and not from_the_beginning() %}
    union
    -- a row of the tail may be one of before it
    select {% for column in grain %}held.{{ column }}, {% endfor %}count(*) as row_count
    from {{ model }} as held
    inner join (select distinct {{ grain | join(', ') }} from {{ judged }} as judged) as written
        on {{ same_key('held', 'written', grain) }}
    group by {% for column in grain %}held.{{ column }}{{ ", " if not loop.last }}{% endfor %}
    having count(*) > 1
    {%- endif %}
{% endtest %}

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
        from {{ of_changed_keys(model) }} as held
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
        from {{ unjudged(days, from=tail_from(model)) }} as judged_days
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
