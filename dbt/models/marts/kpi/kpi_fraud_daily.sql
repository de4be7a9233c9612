{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='day_on',
    look_ahead_days=1,
) }}
-- An order may be declined once too often after midnight: the tail begins a day earlier.

with horizon_days as (
    {{ date_series(ref('store_horizon'), 'first_on', 'last_on', 'day_on') }}
),

placed as (
    {{ placed_orders() }}
),

signals as (
    select * from {{ ref('fact_fraud_signals') }}
),

stores as (
    select
        store_id,
        currency_code,
        -- what a day without signals comes to in the reporting currency: unknown without any rates
        case
            when has_rates or currency_code = reporting_currency_code then 0
        end as base_zero
    from {{ source('raw', 'stores') }}
),

ordered as (
    select placed.store_id, placed.ordered_on as day_on, count(*) as orders
    from placed
    {{ tail('placed', 'ordered_on', look_ahead_days=1) }}
    group by placed.store_id, placed.ordered_on
),

-- an order that breaks several rules is one order with the sum of their scores
flagged_orders as (
    select
        signals.store_id,
        signals.order_id,
        signals.ordered_on as day_on,
        max(signals.amount) as amount,
        max(signals.base_amount) as base_amount,
        sum(signals.score) as score
        {%- for rule in order_rules() %},
        count(case when signals.rule = '{{ rule }}' then 1 end) as is_{{ rule }}
        {%- endfor %}
    from signals
    {{ tail('signals', 'ordered_on', look_ahead_days=1) }}
    where signals.rule <> 'refund_abuse'
    group by signals.store_id, signals.order_id, signals.ordered_on
),

flagged as (
    select
        store_id,
        day_on,
        count(*) as flagged_orders,
        {{ total('amount') }} as flagged_amount,
        cast(sum(base_amount) as decimal(38, 4)) as flagged_base_amount,
        sum(score) as fraud_score
        {%- for rule in order_rules() %},
        sum(is_{{ rule }}) as {{ rule }}_orders
        {%- endfor %}
    from flagged_orders
    group by store_id, day_on
),

refunded as (
    select
        signals.store_id,
        signals.signal_on as day_on,
        count(*) as refund_abuse_orders,
        {{ total('signals.amount') }} as refund_abuse_amount,
        cast(sum(signals.base_amount) as decimal(38, 4)) as refund_abuse_base_amount
    from signals
    {{ tail('signals', 'signal_on', look_ahead_days=1) }}
    where signals.rule = 'refund_abuse'
    group by signals.store_id, signals.signal_on
),

-- every day of the horizon, and any day beyond it on which something happened all the same
days as (
    select horizon_days.store_id, horizon_days.day_on from horizon_days
    {{ tail('horizon_days', 'day_on', look_ahead_days=1) }}
    union
    select store_id, day_on from ordered
    union
    select store_id, day_on from refunded
),

final as (
    select
        days.store_id,
        days.day_on,
        stores.currency_code,
        coalesce(ordered.orders, 0) as orders,
        coalesce(flagged.flagged_orders, 0) as flagged_orders,
        {{ ratio('coalesce(flagged.flagged_orders, 0)', 'ordered.orders') }} as flagged_rate,
        {%- for rule in order_rules() %}
        cast(coalesce(flagged.{{ rule }}_orders, 0) as bigint) as {{ rule }}_orders,
        {%- endfor %}
        cast(coalesce(flagged.fraud_score, 0) as bigint) as fraud_score,
        {{ ratio('coalesce(flagged.fraud_score, 0)', 'ordered.orders') }} as avg_fraud_score,
        coalesce(flagged.flagged_amount, 0) as flagged_amount,
        case
            when flagged.store_id is null then stores.base_zero
            else flagged.flagged_base_amount
        end as flagged_base_amount,
        coalesce(refunded.refund_abuse_orders, 0) as refund_abuse_orders,
        coalesce(refunded.refund_abuse_amount, 0) as refund_abuse_amount,
        case
            when refunded.store_id is null then stores.base_zero
            else refunded.refund_abuse_base_amount
        end as refund_abuse_base_amount
    from days
    inner join stores on days.store_id = stores.store_id
    left join ordered on days.store_id = ordered.store_id and days.day_on = ordered.day_on
    left join flagged on days.store_id = flagged.store_id and days.day_on = flagged.day_on
    left join refunded on days.store_id = refunded.store_id and days.day_on = refunded.day_on
)

select * from final
