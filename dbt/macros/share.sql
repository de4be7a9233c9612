{#- A line's part of an amount, to the smallest coin, by largest remainder: parts always sum to
    the whole. All operands are whole numbers of 0.0001.

    `base_share` is the part rounded down to the coin; `share` adds the coins (and what is finer
    than a coin) that are left over, one each, to the largest remainders first. -#}
{% macro base_share(amount, weight, weights, coin) -%}
    {{ of_product('//', amount, weight, weights, coin) }} * {{ coin }}
{%- endmacro %}

{% macro share_remainder(amount, weight, weights, coin) -%}
    {{ of_product('%', amount, weight, weights, coin) }}
{%- endmacro %}

{#- What `operator` makes of amount * weight by weights * coin. Products that may not fit 64 bits
    take a wide path; it is three times slower, hence only for them. -#}
{% macro of_product(operator, amount, weight, weights, coin) -%}
    case
        when
            abs(cast({{ amount }} as double) * {{ weight }}) < 9000000000000000000
            and cast({{ weights }} as double) * {{ coin }} < 9000000000000000000
            then cast(
                {{ amount }} * {{ weight }} {{ operator }} (cast({{ weights }} as bigint) * {{ coin }})
                as hugeint
            )
        else cast({{ amount }} as hugeint) * {{ weight }} {{ operator }} ({{ weights }} * {{ coin }})
    end
{%- endmacro %}

{% macro share(base, left_over, rank, coin) -%}
    {{ base }}
    + case when {{ rank }} <= {{ left_over }} // {{ coin }} then {{ coin }} else 0 end
    + case when {{ rank }} = 1 then {{ left_over }} % {{ coin }} else 0 end
{%- endmacro %}

{#- Ten-thousandths of an amount as whole number, and back. A large one times 10000 needs a wide
    decimal, which takes eighty times as long. -#}
{% macro to_units(amount) -%}
    case
        when abs({{ amount }}) < 1000000000 then cast({{ amount }} * 10000 as bigint)
        else cast(cast({{ amount }} as decimal(38, 4)) * 10000 as bigint)
    end
{%- endmacro %}

{% macro from_units(units) -%}
    cast(cast({{ units }} as decimal(31, 0)) * cast(0.0001 as decimal(5, 4)) as decimal(18, 4))
{%- endmacro %}
