{#- Versions of the changed keys, as half-open spans of time: a function of the change log alone.

    Changes order by change_number. A change counts from its changed_at, and never where a later one
    in order counts from then or before; so of several at one instant the last wins. A change that
    changes nothing is no version. A delete is a version with the last known attributes.
    Inferred changes (mere mentions) count only for keys that nothing else is told about.
    A change of `untracked` attributes alone is no version; a version has those it began with. -#}
{% macro history(log, changed, id, attributes, inferred=false, untracked=[]) -%}
{%- set told = ['change_number', 'changed_at', 'is_deleted'] + attributes %}
with changes as (
    select log_.*
    from {{ log }} as log_
    {{ only_changed('log_', changed, [id]) }}
),

{% if inferred -%}
known as (
    select store_id, {{ id }}
    from changes
    where not is_inferred
    group by store_id, {{ id }}
),

mentions as (
    select
        changes.*,
        row_number() over (
            partition by changes.store_id, changes.{{ id }}
            order by changes.changed_at, changes.change_number
        ) as mention_number
    from changes
    left join known on changes.store_id = known.store_id and changes.{{ id }} = known.{{ id }}
    where changes.is_inferred and known.store_id is null
),

told as (
    select store_id, {{ id }}, {{ told | join(', ') }} from changes
    where not is_inferred
    union all
    select store_id, {{ id }}, {{ told | join(', ') }} from mentions
    where mention_number = 1
),
{%- else -%}
told as (
    select store_id, {{ id }}, {{ told | join(', ') }} from changes
),
{%- endif %}

-- next_from: from when a later change counts; told_by: the last telling change until then, and
-- before any the first delete
ordered as (
    select
        *,
        min(changed_at) over (
            partition by store_id, {{ id }} order by change_number
            rows between 1 following and unbounded following
        ) as next_from,
        coalesce(
            max(case when is_deleted then null else change_number end) over (
                partition by store_id, {{ id }} order by change_number
                rows between unbounded preceding and current row
            ),
            min(change_number) over (
                partition by store_id, {{ id }} order by change_number
                rows between unbounded preceding and current row
            )
        ) as told_by
    from told
),

-- changes that no later one overtakes
instants as (
    select *, changed_at as valid_from
    from ordered
    where next_from is null or changed_at < next_from
),

-- a delete tells nothing: it carries what the last telling change said
carried as (
    select store_id, {{ id }}, valid_from, is_deleted, {{ attributes | join(', ') }}
    from instants
    where told_by = change_number
    union all
    select
        instants.store_id, instants.{{ id }}, instants.valid_from, instants.is_deleted
        {%- for attribute in attributes %}, told.{{ attribute }}{% endfor %}
    from instants
    inner join told
        on
            instants.store_id = told.store_id
            and instants.{{ id }} = told.{{ id }}
            and instants.told_by = told.change_number
    where instants.told_by <> instants.change_number
),

compared as (
    select
        *,
        row_number() over (partition by store_id, {{ id }} order by valid_from) = 1
        or (is_deleted is distinct from lag(is_deleted)
            over (partition by store_id, {{ id }} order by valid_from))
        {%- for attribute in attributes if attribute not in untracked %}
        or ({{ attribute }} is distinct from lag({{ attribute }})
            over (partition by store_id, {{ id }} order by valid_from))
        {%- endfor %} as is_different
    from carried
),

spans as (
    select
        *,
        lead(valid_from) over (partition by store_id, {{ id }} order by valid_from) as valid_to,
        row_number() over (partition by store_id, {{ id }} order by valid_from) = 1 as is_first
    from compared
    where is_different
)
{%- endmacro %}

{#- The span of time in which facts take a version: the first one also before it began. Without
    nulls, so that joins on it are plain comparisons (an `or` takes a hundred times as long). -#}
{% macro applies() -%}
    case when is_first then cast('0001-01-01 00:00:00' as timestamp) else valid_from end
        as applies_from,
    coalesce(valid_to, cast('9999-12-31 00:00:00' as timestamp)) as applies_to
{%- endmacro %}

{#- Joins the version of `alias` that held at an instant; before the first one, the first. -#}
{% macro as_of(versions, alias, id, fact, moment) -%}
    left join {{ versions }} as {{ alias }}
        on
            {{ fact }}.store_id = {{ alias }}.store_id
            and {{ fact }}.{{ id }} = {{ alias }}.{{ id }}
            and {{ moment }} >= {{ alias }}.applies_from
            and {{ moment }} < {{ alias }}.applies_to
{%- endmacro %}
