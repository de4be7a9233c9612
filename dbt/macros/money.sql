{#- Money is decimal(18,4). Products and ratios go through these macros; both round half away
    from zero. Two 18-digit decimals overflow at 1,000,000 x 100,000, so large products take a
    wide path; it is twenty times slower, hence only for them. What money cannot hold is unknown
    (null), and `warn_amounts_fit` tells of it: one such row must not stop all stores. No amount has
    more than 13 digits before the point, here as in the contracts, so that a few add up to money. -#}

{% macro money_mul(amount, factor) -%}
    {{ return(adapter.dispatch('money_mul', 'ecom')(amount, factor)) }}
{%- endmacro %}

{% macro default__money_mul(amount, factor) -%}
    try_cast(round(cast({{ amount }} as decimal(28, 8)) * {{ factor }}, 4) as decimal(18, 4))
{%- endmacro %}

{% macro duckdb__money_mul(amount, factor) -%}
    case
        when abs(cast({{ amount }} as double) * cast({{ factor }} as double)) < 1000000000
            then cast(
                round(cast({{ amount }} as decimal(18, 4)) * cast({{ factor }} as decimal(18, 4)), 4)
                as decimal(18, 4)
            )
        when abs(cast({{ amount }} as double) * cast({{ factor }} as double)) < 9999999999999
            then cast(
                round(
                    cast({{ amount }} as decimal(28, 4)) * cast({{ factor }} as decimal(18, 4)), 4
                ) as decimal(18, 4)
            )
    end
{%- endmacro %}

{#- An amount at an exchange rate of eight decimals. -#}
{% macro money_convert(amount, rate) -%}
    case
        when {{ rate }} = 1 then cast({{ amount }} as decimal(18, 4))
        when abs(cast({{ amount }} as double) * cast({{ rate }} as double)) < 9999999999999
            then cast(
                round(cast({{ amount }} as decimal(20, 4)) * cast({{ rate }} as decimal(18, 8)), 4)
                as decimal(18, 4)
            )
    end
{%- endmacro %}

{#- Whether a store's money waits for the rate of its day: it has its own currency, and rates are
    delivered for it. -#}
{% macro needs_rate(stores) -%}
    ({{ stores }}.has_rates
        and {{ stores }}.currency_code <> {{ stores }}.reporting_currency_code)
{%- endmacro %}

{#- Joins `rates` for the day of a row: one row of them for all days where no rate is needed. -#}
{% macro rate_of(rows, day) -%}
    left join rates as fixed on {{ rows }}.store_id = fixed.store_id and fixed.rate_on is null
    left join rates as daily
        on {{ rows }}.store_id = daily.store_id and {{ day }} = daily.rate_on
{%- endmacro %}

{#- The rate that `rate_of` has joined; null where it is still to come or nobody delivers rates. -#}
{% macro fx_rate() -%}
    coalesce(fixed.fx_rate, daily.fx_rate)
{%- endmacro %}

{#- Whether a row need not wait for the rate that `rate_of` has joined. -#}
{% macro has_its_rate(stores) -%}
    {{ fx_rate() }} is not null or not {{ needs_rate(stores) }}
{%- endmacro %}

{#- A ratio with the given decimals; null where there is no denominator. -#}
{% macro ratio(numerator, denominator, decimals=6) -%}
    {{ return(adapter.dispatch('ratio', 'ecom')(numerator, denominator, decimals)) }}
{%- endmacro %}

{% macro default__ratio(numerator, denominator, decimals) -%}
    try_cast(
        round(
            cast({{ numerator }} as decimal(38, 10)) / nullif({{ denominator }}, 0), {{ decimals }}
        ) as decimal(18, {{ decimals }})
    )
{%- endmacro %}

{#- DuckDB divides decimals as doubles; its whole-number division is exact and truncates, so half
    a unit of the last digit is added on the quotient's side of zero first. Where all of it fits
    into 64 bits that takes a tenth of the time: doubles hold whole numbers of 15 digits. -#}
{% macro duckdb__ratio(numerator, denominator, decimals) -%}
    {%- set unit = 10 ** decimals -%}
    {%- set n = "abs(cast(" ~ numerator ~ " as double))" -%}
    {%- set d = "abs(cast(" ~ denominator ~ " as double))" -%}
    {%- set most = [4 * 10 ** (14 - decimals), 90000000000] | min -%}
    case
        when {{ n }} < {{ most }} and {{ d }} < 90000000000
            and {{ n }} < {{ d }} * {{ 10 ** (14 - decimals) }}
            then cast(
                cast({{ rounded_quotient(numerator, denominator, unit, 'bigint') }} as double)
                / {{ unit }} as decimal(18, {{ decimals }})
            )
        else try_cast(
            cast({{ rounded_quotient(numerator, denominator, unit, 'hugeint') }} as decimal(31, 0))
            * cast({{ 10.0 ** -decimals }} as decimal(18, {{ decimals }}))
            as decimal(18, {{ decimals }})
        )
    end
{%- endmacro %}

{#- The quotient in units of its last digit; both are amounts of four decimals. -#}
{% macro rounded_quotient(numerator, denominator, unit, whole) -%}
    {%- set above = ten_thousandths(numerator, whole) -%}
    {%- set below = ten_thousandths(denominator, whole) -%}
    (2 * {{ unit }} * {{ above }} + sign({{ numerator }}) * abs({{ below }}))
    // nullif(2 * {{ below }}, 0)
{%- endmacro %}

{% macro ten_thousandths(amount, whole) -%}
    {%- if whole == 'bigint' -%}
    cast(round(cast({{ amount }} as double) * 10000) as bigint)
    {%- else -%}
    cast(cast({{ amount }} as decimal(38, 4)) * 10000 as hugeint)
    {%- endif -%}
{%- endmacro %}

{#- Sums are wide, so that no sum of valid amounts can overflow. -#}
{% macro total(amount) -%}
    cast(coalesce(sum({{ amount }}), 0) as decimal(38, 4))
{%- endmacro %}

{#- The smallest value that at least this share of the values do not exceed. -#}
{% macro percentile_disc(share, column) -%}
    {{ return(adapter.dispatch('percentile_disc', 'ecom')(share, column)) }}
{%- endmacro %}

{% macro default__percentile_disc(share, column) -%}
    percentile_disc({{ share }}) within group (order by {{ column }})
{%- endmacro %}

{% macro duckdb__percentile_disc(share, column) -%}
    quantile_disc({{ column }}, {{ share }})
{%- endmacro %}

{#- The middle of whole numbers, halfway between the two in the middle of an even count. -#}
{% macro median(column) -%}
    cast({{ adapter.dispatch('median', 'ecom')(column) }} as decimal(18, 1))
{%- endmacro %}

{% macro default__median(column) -%}
    percentile({{ column }}, 0.5)
{%- endmacro %}

{% macro duckdb__median(column) -%}
    median({{ column }})
{%- endmacro %}
