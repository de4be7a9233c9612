{#- The store's local clock. -#}

{% macro local_time(moment, timezone) -%}
    {{ return(adapter.dispatch('local_time', 'ecom')(moment, timezone)) }}
{%- endmacro %}

{% macro default__local_time(moment, timezone) -%}
    from_utc_timestamp({{ moment }}, {{ timezone }})
{%- endmacro %}

{% macro duckdb__local_time(moment, timezone) -%}
    {{ in_zone(timezone, 'timezone(', ", timezone('UTC', " ~ moment ~ '))') }}
{%- endmacro %}

{#- An expression around a zone. DuckDB looks a zone up for each row unless it is a constant, which
    takes ten times as long: the zones of the stores are written out. The last branch is for those
    that are not, and all there is where no store is known: `else` alone would be no `case`. -#}
{% macro in_zone(timezone, before, after) -%}
    case
        {%- for zone in store_timezones() %}
        when {{ timezone }} = '{{ zone }}' then {{ before }}'{{ zone }}'{{ after }}
        {%- endfor %}
        when true then {{ before }}{{ timezone }}{{ after }}
    end
{%- endmacro %}

{#- The time zones of the stores of this home; none in a unit test, nor while the project
    is prepared without a home. -#}
{% macro store_timezones() -%}
    {%- set stores = source('raw', 'stores') -%}
    {%- if not execute or not stores.database or not load_relation(stores) -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(run_query(
        'select distinct timezone from ' ~ stores ~ ' order by timezone'
    ).columns[0].values() | list) }}
{%- endmacro %}

{% macro local_day(moment, timezone) -%}
    cast({{ local_time(moment, timezone) }} as date)
{%- endmacro %}

{#- The instant at which a local day begins, UTC. -#}
{% macro day_start(day, timezone) -%}
    {{ moment_before(day, timezone) }} + interval 1 microsecond
{%- endmacro %}

{#- The last moment before a local day begins, UTC, as of which the day before is told. Midnight
    itself may occur twice, of which engines take the second (Havana), or never (Santiago); of a
    last moment that occurs twice the second is the last. -#}
{% macro moment_before(day, timezone) -%}
    {{ return(adapter.dispatch('moment_before', 'ecom')(day, timezone)) }}
{%- endmacro %}

{% macro default__moment_before(day, timezone) -%}
    to_utc_timestamp(cast({{ day }} as timestamp) - interval 1 microsecond, {{ timezone }})
{%- endmacro %}

{% macro duckdb__moment_before(day, timezone) -%}
    {{ in_zone(
        timezone,
        "timezone('UTC', timezone(",
        ', cast(' ~ day ~ ' as timestamp) - interval 1 microsecond))'
    ) }}
{%- endmacro %}

{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{% macro add_months(day, months) -%}
    {{ return(adapter.dispatch('add_months', 'ecom')(day, months)) }}
{%- endmacro %}

{% macro default__add_months(day, months) -%}
    add_months({{ day }}, {{ months }})
{%- endmacro %}

{% macro duckdb__add_months(day, months) -%}
    cast({{ day }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{% macro month_end(day) -%}
    ({{ add_months(month_of(day), 1) }} - 1)
{%- endmacro %}

{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between', 'ecom')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    ({{ later }} - {{ earlier }})
{%- endmacro %}

{% macro months_between(earlier, later) -%}
    (
        (extract(year from {{ later }}) - extract(year from {{ earlier }})) * 12
        + extract(month from {{ later }}) - extract(month from {{ earlier }})
    )
{%- endmacro %}

{#- One row for each step from first to last, both included, as column `name`. -#}
{% macro date_series(relation, first, last, name, step='day') -%}
    {{ return(adapter.dispatch('date_series', 'ecom')(relation, first, last, name, step)) }}
{%- endmacro %}

{% macro default__date_series(relation, first, last, name, step) -%}
    select *, explode(sequence({{ first }}, {{ last }}, interval 1 {{ step }})) as {{ name }}
    from {{ relation }}
{%- endmacro %}

{% macro duckdb__date_series(relation, first, last, name, step) -%}
    select
        *,
        cast(
            unnest(generate_series(
                cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval 1 {{ step }}
            )) as date
        ) as {{ name }}
    from {{ relation }}
{%- endmacro %}

{#- ISO 8601: weeks begin on Monday (1), the week of a year's first Thursday is its first. -#}
{% macro iso_weekday(day) -%}
    cast(1 + ({{ days_between("cast('1900-01-01' as date)", day) }} % 7) as integer)
{%- endmacro %}

{% macro iso_thursday(day) -%}
    cast(date_trunc('week', {{ day }}) as date) + 3
{%- endmacro %}

{% macro iso_year(day) -%}
    cast(extract(year from {{ iso_thursday(day) }}) as integer)
{%- endmacro %}

{% macro iso_week(day) -%}
    cast(1 + (extract(doy from {{ iso_thursday(day) }}) - 1
        - (extract(doy from {{ iso_thursday(day) }}) - 1) % 7) / 7 as integer)
{%- endmacro %}

{#- The day moved so that the fiscal year, named by the year in which it ends, is a calendar
    year; with a start in January it is the day itself. -#}
{% macro fiscal(day, start_month) -%}
    {{ add_months(month_of(day), '((13 - ' ~ start_month ~ ') % 12)') }}
{%- endmacro %}

{% macro fiscal_year_start(day, start_month) -%}
    {{ add_months(
        "cast(date_trunc('year', " ~ fiscal(day, start_month) ~ ") as date)",
        '-((13 - ' ~ start_month ~ ') % 12)'
    ) }}
{%- endmacro %}

{#- An instant so many minutes earlier; their number may be a column. -#}
{% macro minutes_before(moment, minutes) -%}
    {{ return(adapter.dispatch('minutes_before', 'ecom')(moment, minutes)) }}
{%- endmacro %}

{% macro default__minutes_before(moment, minutes) -%}
    timestampadd(minute, -{{ minutes }}, {{ moment }})
{%- endmacro %}

{% macro duckdb__minutes_before(moment, minutes) -%}
    ({{ moment }} - to_minutes({{ minutes }}))
{%- endmacro %}
