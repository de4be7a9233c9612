{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_payment_mix'}},
        'description':
            'The means of payment of a month add up to its payments but those of tests, in number '
            ~ 'and money of each status; the shares of what was captured to 1.',
    },
) }}

{%- set outcomes = ['captured', 'authorised', 'refunded'] %}

with mix as (
    select
        store_id,
        paid_month,
        sum(payments) as payments,
        sum(declined_payments) as declined_payments,
        {% for outcome in outcomes -%}
        sum({{ outcome }}_payments) as {{ outcome }}_payments,
        sum({{ outcome }}_amount) as {{ outcome }}_amount,
        sum({{ outcome }}_base_amount) as {{ outcome }}_base_amount,
        {% endfor -%}
        abs(sum(captured_share_rate) - 1) > 0.000001 * count(*) as is_share_wrong
    from {{ ref('kpi_payment_mix') }}
    group by store_id, paid_month
),

facts as (
    select
        store_id,
        {{ month_of('paid_on') }} as paid_month,
        count(*) as payments,
        count(case when status = 'declined' then 1 end) as declined_payments
        {%- for outcome in outcomes %},
        count(case when status = '{{ outcome }}' then 1 end) as {{ outcome }}_payments,
        sum(case when status = '{{ outcome }}' then amount else 0 end) as {{ outcome }}_amount,
        sum(case when status = '{{ outcome }}' then base_amount end) as {{ outcome }}_base_amount
        {%- endfor %}
    from {{ ref('fact_payments') }}
    where not is_test
    group by store_id, {{ month_of('paid_on') }}
)

select
    coalesce(mix.store_id, facts.store_id) as store_id,
    coalesce(mix.paid_month, facts.paid_month) as paid_month,
    mix.payments,
    facts.payments as fact_payments,
    mix.captured_amount,
    facts.captured_amount as fact_captured_amount
from mix
full outer join facts on mix.store_id = facts.store_id and mix.paid_month = facts.paid_month
where
    mix.payments is distinct from facts.payments
    or mix.declined_payments is distinct from facts.declined_payments
    {%- for outcome in outcomes %}
    or mix.{{ outcome }}_payments is distinct from facts.{{ outcome }}_payments
    or mix.{{ outcome }}_amount is distinct from facts.{{ outcome }}_amount
    or coalesce(mix.{{ outcome }}_base_amount, 0)
    is distinct from coalesce(facts.{{ outcome }}_base_amount, 0)
    {%- endfor %}
    or mix.is_share_wrong
