{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'payment_id'],
    changed='changed.raw_payments',
    changed_on=[
        "c.paid_on",
        [
            "o.ordered_on",
            "staging.main.stg_orders as o on o.store_id = c.store_id and o.order_id = c.order_id"
            ~ " and c.paid_on is null",
        ],
    ],
) }}
-- depends_on: {{ ref('stg_orders') }}
-- A payment without a moment counts on the day of its order. The card stays in the lake.

with delivered as (
    {{ delivered('raw_payments', ['payment_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

newest as (
    {{ newest_version('delivered', ['payment_id']) }}
),

final as (
    select
        newest.store_id,
        newest.payment_id,
        newest.order_id,
        newest.method,
        newest.provider,
        newest.amount,
        newest.status,
        newest.card_country_code,
        newest.paid_at,
        {{ local_day('newest.paid_at', 'stores.timezone') }} as paid_on,
        newest.feed,
        newest.document_id,
        newest.first_delivered_on,
        newest.delivered_on,
        newest.source_file,
        newest.source_row
    from newest
    inner join stores on newest.store_id = stores.store_id
)

select * from final
