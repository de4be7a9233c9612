{#- A line's part of an amount, to the smallest coin, by largest remainder: parts always sum to
    the whole. All operands are whole numbers of 0.0001.

    `base_share` is the part rounded down to the coin; `share` adds the coins (and what is finer
    than a coin) that are left over, one each, to the largest remainders first. -#}
{% macro base_share(amount, weight, weights, coin) -%}
    ({{ amount }} * {{ weight }} // ({{ weights }} * {{ coin }})) * {{ coin }}
{%- endmacro %}

{% macro share_remainder(amount, weight, weights, coin) -%}
    ({{ amount }} * {{ weight }} % ({{ weights }} * {{ coin }}))
{%- endmacro %}

{% macro share(base, left_over, rank, coin) -%}
    {{ base }}
    + case when {{ rank }} <= {{ left_over }} // {{ coin }} then {{ coin }} else 0 end
    + case when {{ rank }} = 1 then {{ left_over }} % {{ coin }} else 0 end
{%- endmacro %}

{#- Ten-thousandths of an amount as whole number, and back. -#}
{% macro to_units(amount) -%}
    cast(cast({{ amount }} as decimal(38, 4)) * 10000 as hugeint)
{%- endmacro %}

{% macro from_units(units) -%}
    cast(cast({{ units }} as decimal(31, 0)) * cast(0.0001 as decimal(5, 4)) as decimal(18, 4))
{%- endmacro %}

{#- What nobody has refunded of what was sold, never beyond zero: refunds of more than was sold stay
    as they are. -#}
{% macro unrefunded(sold, refunded) -%}
    case
        when {{ sold }} >= 0 then greatest({{ sold }} - coalesce({{ refunded }}, 0), 0)
        else least({{ sold }} - coalesce({{ refunded }}, 0), 0)
    end
{%- endmacro %}

{#- The sum of a column over all lines with the same columns `of`. -#}
{% macro sum_of(column, lines, of) -%}
    sum({{ lines }}.{{ column }}) over (
        partition by {% for name in of %}{{ lines }}.{{ name }}{{ ", " if not loop.last }}{% endfor %}
    )
{%- endmacro %}

{#- A line's part of what is left of all lines with the same columns `of`: what is gone uses up the
    lines in order. Where signs are mixed the last line makes up the difference, so that the parts
    always sum to what is left. -#}
{% macro what_is_left(own, left, of) -%}
    {%- set lines -%} partition by {{ of | join(', ') }} {%- endset -%}
    {%- set sold -%} sum({{ own }}) over ({{ lines }}) {%- endset -%}
    {%- set running -%}
        sum({{ own }}) over (
            {{ lines }} order by line_number rows between unbounded preceding and current row
        )
    {%- endset -%}
    case
        when {{ left }} = {{ sold }} then {{ own }}
        when {{ left }} >= 0 and {{ left }} < {{ sold }} and min({{ own }}) over ({{ lines }}) >= 0
            then greatest(0, least({{ own }}, {{ running }} - {{ sold }} + {{ left }}))
        when {{ left }} <= 0 and {{ left }} > {{ sold }} and max({{ own }}) over ({{ lines }}) <= 0
            then least(0, greatest({{ own }}, {{ running }} - {{ sold }} + {{ left }}))
        when row_number() over ({{ lines }} order by line_number desc) > 1 then {{ own }}
        else {{ own }} - {{ sold }} + {{ left }}
    end
{%- endmacro %}
