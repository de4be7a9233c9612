{#- Versions of the changed keys, as half-open spans of time: a function of the change log alone.

    Changes order by change_number. A change counts from its changed_at, or from that of a later
    change in order where that is earlier; of several at one instant the last wins. A change that
    changes nothing is no version. A delete is a version with the last known attributes.
    Inferred changes (mere mentions) count only for keys that nothing else is told about.
    A change of `untracked` attributes alone is no version; a version has those it began with. -#}
{% macro history(log, changed, id, attributes, inferred=false, untracked=[]) -%}
with changes as (
    select log_.*
    from {{ log }} as log_
    inner join {{ changed }} as changed
        on log_.store_id = changed.store_id and log_.{{ id }} = changed.{{ id }}
),

{% if inferred -%}
told as (
    select * from (
        select
            *,
            min(case when is_inferred then 1 else 0 end)
                over (partition by store_id, {{ id }}) as is_only_inferred,
            row_number() over (
                partition by store_id, {{ id }} order by changed_at, change_number
            ) as mention_number
        from changes
    ) as mentioned
    where
        (is_only_inferred = 0 and not is_inferred)
        or (is_only_inferred = 1 and mention_number = 1)
),
{%- else -%}
told as (
    select * from changes
),
{%- endif %}

ordered as (
    select
        *,
        min(changed_at) over (
            partition by store_id, {{ id }} order by change_number
            rows between current row and unbounded following
        ) as valid_from,
        sum(case when is_deleted then 0 else 1 end) over (
            partition by store_id, {{ id }} order by change_number
            rows between unbounded preceding and current row
        ) as telling_number
    from told
),

-- a delete tells nothing: it carries what the last telling change said
carried as (
    select
        store_id,
        {{ id }},
        change_number,
        valid_from,
        is_deleted,
        {%- for attribute in attributes %}
        first_value({{ attribute }}) over (
            partition by store_id, {{ id }}, telling_number order by change_number
        ) as {{ attribute }}{{ "," if not loop.last }}
        {%- endfor %}
    from ordered
),

instants as (
    select
        *,
        row_number() over (
            partition by store_id, {{ id }}, valid_from order by change_number desc
        ) as rank_at_instant
    from carried
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
    from instants
    where rank_at_instant = 1
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
