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

{#- What a touch gets of an amount: the amount's part up to and with the touch less that up to the one
    before, so that the touches of an order always get all of it. -#}
{% macro credit(amount, model) -%}
    {{ money_convert(amount, model ~ '_until') }}
    - {{ money_convert(amount, '(' ~ model ~ '_until - ' ~ model ~ '_weight)') }}
{%- endmacro %}
