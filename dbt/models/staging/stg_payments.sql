{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'payment_id'],
    changed='changed.raw_payments',
    changed_on=[
        'c.paid_on',
        "case when c.paid_on is null then (select min(o.ordered_on)"
        ~ " from staging.main.stg_orders as o"
        ~ " where o.store_id = c.store_id and o.order_id = c.order_id) end",
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

ranked as (
    select
        store_id,
        payment_id,
        order_id,
        method,
        provider,
        amount,
        status,
        card_country_code,
        paid_at,
        feed,
        document_id,
        min(delivered_on) over (
            versions rows between unbounded preceding and unbounded following
        ) as first_delivered_on,
        delivered_on,
        source_file,
        source_row,
        is_live,
        row_number() over versions as recency
    from delivered
    window versions as (
        partition by store_id, payment_id
        order by is_live desc, {{ version_order('desc', updated_at=false) }}
    )
),

final as (
    select
        ranked.store_id,
        ranked.payment_id,
        ranked.order_id,
        ranked.method,
        ranked.provider,
        ranked.amount,
        ranked.status,
        ranked.card_country_code,
        ranked.paid_at,
        {{ local_day('ranked.paid_at', 'stores.timezone') }} as paid_on,
        ranked.feed,
        ranked.document_id,
        ranked.first_delivered_on,
        ranked.delivered_on,
        ranked.source_file,
        ranked.source_row
    from ranked
    inner join stores on ranked.store_id = stores.store_id
    where ranked.recency = 1 and ranked.is_live
)

select * from final
