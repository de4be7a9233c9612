{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'rate_on', 'currency_code'],
    changed='changed.raw_fx_rates',
    changed_on=[
        "c.rate_on",
        [
            "o.cancelled_on",
            "staging.main.stg_orders as o on o.store_id = c.store_id and o.ordered_on = c.rate_on",
        ],
    ],
    orders_on=[
        [
            "o.ordered_on",
            "staging.main.stg_orders as o on o.store_id = c.store_id and o.cancelled_on = c.rate_on",
        ],
        [
            "o.ordered_on",
            "staging.main.stg_refunds as r on r.store_id = c.store_id and r.refunded_on = c.rate_on"
            ~ " inner join staging.main.stg_orders as o on o.store_id = r.store_id and o.order_id = r.order_id",
        ],
    ],
) }}
-- depends_on: {{ ref('stg_orders') }}
-- depends_on: {{ ref('stg_refunds') }}
-- Net by order day holds refunds and cancellations at the rate of their own day: a rate changes the
-- days of their orders too; and no order is reversed before it is priced.

with delivered as (
    {{ delivered('raw_fx_rates', ['rate_on', 'currency_code']) }}
),

newest as (
    {{ newest_version('delivered', ['rate_on', 'currency_code']) }}
),

final as (
    select
        store_id,
        rate_on,
        currency_code,
        rate_to_base,
        feed,
        delivered_on,
        source_file,
        source_row
    from newest
)

select * from final
