{#- Which sessions of a buyer an order is credited to. -#}

{#- How long before an order a session may lie that led to it. -#}
{% macro attribution_window() -%}
    interval '30' day
{%- endmacro %}

{#- The models of attribution: how an order's one whole is shared among its touches. -#}
{% macro attribution_models() -%}
    {{ return([
        'first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay'
    ]) }}
{%- endmacro %}

{#- What a touch weighs that lies so many seconds before the order: half as much every seven days. Whole
    numbers, for sums of doubles differ from run to run. -#}
{% macro decayed(seconds) -%}
    cast(round(1000000000000 * power(2.0, -({{ seconds }}) / 604800.0)) as bigint)
{%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between', 'ecom')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    (unix_timestamp({{ later }}) - unix_timestamp({{ earlier }}))
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }})
{%- endmacro %}

{#- A part of a whole to eight decimals, half rounded up; both are whole numbers, none below 0. -#}
{% macro part_of_whole(part, whole) -%}
    {{ return(adapter.dispatch('part_of_whole', 'ecom')(part, whole)) }}
{%- endmacro %}

{% macro default__part_of_whole(part, whole) -%}
    cast(round(cast({{ part }} as decimal(28, 9)) / {{ whole }}, 8) as decimal(18, 8))
{%- endmacro %}

{#- Weights by age have too many digits for the fast way of `ratio`. -#}
{% macro duckdb__part_of_whole(part, whole) -%}
    cast(
        cast(
            (200000000 * cast({{ part }} as hugeint) + {{ whole }}) // (2 * {{ whole }})
            as decimal(10, 0)
        ) * cast(0.00000001 as decimal(8, 8)) as decimal(18, 8)
    )
{%- endmacro %}

{#- The part of an order that its touches up to and with `number` have, to eight decimals: 0 for number
    0, 1 for the last. `decayed` is what the touches until then weigh by age. -#}
{% macro part_until(model, number, decayed) -%}
    {%- if model == 'first_touch' -%} {{ _whole_from(number, '1') }}
    {%- elif model == 'last_touch' -%} {{ _whole_from(number, 'touches') }}
    {%- elif model == 'last_non_direct' -%} {{ _whole_from(number, 'non_direct_number') }}
    {%- elif model == 'linear' -%} {{ part_of_whole(number, 'touches') }}
    {%- elif model == 'time_decay' -%} {{ part_of_whole(decayed, 'decayed_total') }}
    {%- else -%}
        case
            when {{ number }} = 0 then cast(0 as decimal(18, 8))
            when {{ number }} = touches then cast(1 as decimal(18, 8))
            when touches = 2 then cast(0.5 as decimal(18, 8))
            else cast(
                0.4 + {{ part_of_whole('2 * (' ~ number ~ ' - 1)', '10 * (touches - 2)') }}
                as decimal(18, 8)
            )
        end
    {%- endif -%}
{%- endmacro %}

{% macro _whole_from(number, first) -%}
    cast(case when {{ number }} >= {{ first }} then 1 else 0 end as decimal(18, 8))
{%- endmacro %}

{#- What a touch gets of an amount: the amount's part up to and with the touch less that up to the one
    before, so that the touches of an order always get all of it. Of the unknown also a touch that weighs
    nothing gets the unknown: 0 would be a sum. -#}
{% macro credit(amount, model) -%}
    case {{ model }}_weight
        when 1 then {{ amount }}
        when 0 then case when {{ amount }} is not null then 0 end
        else {{ money_convert(amount, model ~ '_until') }}
            - {{ money_convert(amount, '(' ~ model ~ '_until - ' ~ model ~ '_weight)') }}
    end
{%- endmacro %}
