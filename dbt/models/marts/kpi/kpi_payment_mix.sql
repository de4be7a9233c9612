{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='paid_month',
    tail_from='changed_month',
) }}

{%- set outcomes = ['captured', 'declined', 'authorised', 'refunded'] %}
{%- set paid_outcomes = ['captured', 'authorised', 'refunded'] %}

with payments as (
    select
        fact_payments.store_id,
        {{ month_of('fact_payments.paid_on') }} as paid_month,
        fact_payments.payment_method_key,
        fact_payments.order_id,
        fact_payments.status,
        fact_payments.amount,
        fact_payments.base_amount
    from {{ ref('fact_payments') }} as fact_payments
    {{ tail('fact_payments', 'paid_on', 'changed_month') }}
    where not fact_payments.is_test
),

methods as (
    select payment_method_key, method_code from {{ ref('dim_payment_methods') }}
),

stores as (
    select store_id, currency_code from {{ source('raw', 'stores') }}
),

summed as (
    select
        payments.store_id,
        payments.paid_month,
        methods.method_code as method,
        count(*) as payments,
        count(distinct payments.order_id) as orders,
        {% for outcome in outcomes -%}
        count(case when payments.status = '{{ outcome }}' then 1 end) as {{ outcome }}_payments,
        {% endfor -%}
        {% for outcome in paid_outcomes -%}
        {{ total("case when payments.status = '" ~ outcome ~ "' then payments.amount end") }}
            as {{ outcome }}_amount,
        -- unknown, and not 0, where no rate is known
        cast(sum(
            case when payments.status = '{{ outcome }}' then payments.base_amount
                when payments.base_amount is not null then 0
            end
        ) as decimal(38, 4)) as {{ outcome }}_base_amount{{ "," if not loop.last }}
        {% endfor %}
    from payments
    inner join methods on payments.payment_method_key = methods.payment_method_key
    group by payments.store_id, payments.paid_month, methods.method_code
),

months as (
    select
        store_id, paid_month,
        sum(captured_amount) as captured_amount,
        sum(captured_base_amount) as captured_base_amount
    from summed
    group by store_id, paid_month
),

final as (
    select
        summed.store_id,
        summed.paid_month,
        summed.method,
        stores.currency_code,
        summed.payments,
        summed.orders,
        summed.captured_payments,
        summed.declined_payments,
        summed.authorised_payments,
        summed.refunded_payments,
        {{ ratio('(summed.captured_payments + summed.refunded_payments)', 'summed.payments') }}
            as success_rate,
        {{ ratio('summed.declined_payments', 'summed.payments') }} as decline_rate,
        summed.captured_amount,
        {{ ratio('summed.captured_amount', 'months.captured_amount') }} as captured_share_rate,
        summed.authorised_amount,
        summed.refunded_amount,
        summed.captured_base_amount,
        {{ ratio('summed.captured_base_amount', 'months.captured_base_amount') }}
            as captured_share_base_rate,
        summed.authorised_base_amount,
        summed.refunded_base_amount
    from summed
    inner join stores on summed.store_id = stores.store_id
    inner join months
        on summed.store_id = months.store_id and summed.paid_month = months.paid_month
)

select * from final
