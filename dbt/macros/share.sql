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

{#- What is left of a line's measure after the refunds of its product and kind. `own` and `refund`
    are columns of one row per line. Refunds use up the lines in order; where signs are mixed, or a
    refund takes money back, the last line makes up the difference. The lines add up to what was
    sold less what was refunded, but never beyond zero: refunds of more than was sold stay. -#}
{% macro unrefunded(own, refund, of=['line_kind', 'product_code']) -%}
    {%- set group -%}
        partition by sales.store_id, sales.order_id
        {%- for column in of %}, sales.{{ column }}{% endfor %}
    {%- endset -%}
    {%- set running -%}
        sum({{ own }}) over (
            {{ group }} order by sales.line_number
            rows between unbounded preceding and current row
        )
    {%- endset -%}
    {%- set sold -%} sum({{ own }}) over ({{ group }}) {%- endset -%}
    case
        when {{ refund }} is null then {{ own }}
        when {{ refund }} >= 0 and min({{ own }}) over ({{ group }}) >= 0
            then greatest(0, least({{ own }}, {{ running }} - {{ refund }}))
        when {{ refund }} <= 0 and max({{ own }}) over ({{ group }}) <= 0 and {{ sold }} < 0
            then least(0, greatest({{ own }}, {{ running }} - {{ refund }}))
        when row_number() over ({{ group }} order by sales.line_number desc) > 1 then {{ own }}
        when {{ sold }} >= 0
            then {{ own }} - {{ sold }} + greatest(0, {{ sold }} - {{ refund }})
        else {{ own }} - {{ sold }} + least(0, {{ sold }} - {{ refund }})
    end
{%- endmacro %}
