{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='signal_on',
    tail_from='changed_on',
) }}
-- depends_on: {{ ref('rebuild_from') }}

with signals as (
    {% for model in ['int_fraud_payments', 'int_fraud_runs', 'int_fraud_accounts'] -%}
    select
        store_id,
        order_id,
        rule,
        signal_at,
        signal_on,
        evidence,
        evidence_from_at,
        cast(null as decimal(18, 6)) as evidence_rate,
        cast(null as decimal(18, 4)) as amount,
        cast(null as decimal(18, 4)) as base_amount
    from {{ ref(model) }}
    union all
    {% endfor -%}
    select
        store_id,
        order_id,
        rule,
        signal_at,
        signal_on,
        evidence,
        evidence_from_at,
        evidence_rate,
        amount,
        base_amount
    from {{ ref('int_fraud_refunds') }}
),

rules as (
    select * from {{ ref('fraud_rules') }}
),

orders as (
    select store_id, order_id, customer_id, ordered_on from {{ ref('stg_orders') }}
),

amounts as (
    select store_id, order_id, net_amount, net_base_amount from {{ ref('int_orders') }}
),

stores as (
    select store_id, currency_code from {{ source('raw', 'stores') }}
),

final as (
    select
        signals.store_id,
        signals.order_id,
        signals.rule,
        signals.signal_at,
        signals.signal_on,
        orders.ordered_on,
        orders.customer_id,
        signals.evidence,
        signals.evidence_rate,
        signals.evidence_from_at,
        rules.at_least,
        rules.window_minutes,
        rules.score,
        stores.currency_code,
        case when signals.rule = 'refund_abuse' then signals.amount else amounts.net_amount end
            as amount,
        case
            when signals.rule = 'refund_abuse' then signals.base_amount
            else amounts.net_base_amount
        end as base_amount
    from signals
    inner join rules on signals.rule = rules.rule
    inner join orders
        on signals.store_id = orders.store_id and signals.order_id = orders.order_id
    inner join stores on signals.store_id = stores.store_id
    left join amounts
        on signals.store_id = amounts.store_id and signals.order_id = amounts.order_id
)

select * from final
