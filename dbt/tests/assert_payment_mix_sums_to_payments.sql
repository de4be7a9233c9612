{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_payment_mix'}},
        'description':
            'The means of payment of a month have its payments but those of tests, in number and '
            ~ 'money of each status, and their share of what was captured.',
    },
) }}

{%- set outcomes = ['captured', 'authorised', 'refunded'] %}

with mix as (
    select
        *,
        {% for base in ['', '_base'] -%}
        sum(captured{{ base }}_amount) over (partition by store_id, paid_month)
            as month{{ base }}_amount{{ "," if not loop.last }}
        {% endfor -%}
    from {{ unjudged(ref('kpi_payment_mix')) }} as judged_mix
),

facts as (
    select
        payments.store_id,
        {{ month_of('payments.paid_on') }} as paid_month,
        methods.method_code as method,
        count(*) as payments,
        count(distinct payments.order_id) as orders,
        count(case when status = 'declined' then 1 end) as declined_payments
        {%- for outcome in outcomes %},
        count(case when status = '{{ outcome }}' then 1 end) as {{ outcome }}_payments,
        sum(case when status = '{{ outcome }}' then amount else 0 end) as {{ outcome }}_amount,
        sum(case when status = '{{ outcome }}' then base_amount end) as {{ outcome }}_base_amount
        {%- endfor %}
    from {{ unjudged(ref('fact_payments'), from='changed_month') }} as payments
    left join {{ ref('dim_payment_methods') }} as methods
        on payments.payment_method_key = methods.payment_method_key
    where not payments.is_test
    group by payments.store_id, {{ month_of('payments.paid_on') }}, methods.method_code
)

select
    coalesce(mix.store_id, facts.store_id) as store_id,
    coalesce(mix.paid_month, facts.paid_month) as paid_month,
    coalesce(mix.method, facts.method) as method,
    mix.payments,
    facts.payments as fact_payments,
    mix.captured_amount,
    facts.captured_amount as fact_captured_amount
from mix
full outer join facts
    on
        mix.store_id = facts.store_id
        and mix.paid_month = facts.paid_month
        and mix.method = facts.method
where
    mix.payments is distinct from facts.payments
    or mix.orders is distinct from facts.orders
    or mix.declined_payments is distinct from facts.declined_payments
    {%- for outcome in outcomes %}
    or mix.{{ outcome }}_payments is distinct from facts.{{ outcome }}_payments
    or mix.{{ outcome }}_amount is distinct from facts.{{ outcome }}_amount
    or coalesce(mix.{{ outcome }}_base_amount, 0)
    is distinct from coalesce(facts.{{ outcome }}_base_amount, 0)
    {%- endfor %}
    {%- for base in ['', '_base'] %}
    or not ({{ is_ratio(
        'mix.captured_share' ~ base ~ '_rate', 'mix.captured' ~ base ~ '_amount',
        'mix.month' ~ base ~ '_amount'
    ) }})
    {%- endfor %}
