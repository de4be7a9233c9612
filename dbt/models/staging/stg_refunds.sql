{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'refund_id'],
    changed='changed.raw_refunds',
    changed_on=[
        "c.refunded_on",
        [
            "o.cancelled_on",
            "staging.main.stg_orders as o on o.store_id = c.store_id and o.order_id = c.order_id",
        ],
        [
            "r.refunded_on",
            "staging.main.stg_refunds as r on r.store_id = c.store_id and r.order_id = c.order_id"
            ~ " and r.is_whole_order",
        ],
    ],
    orders_on=[
        [
            "o.ordered_on",
            "staging.main.stg_orders as o on o.store_id = c.store_id and o.order_id = c.order_id",
        ],
    ],
) }}
-- depends_on: {{ ref('stg_orders') }}
-- What is given back when all of an order is, at its cancellation or by a refund that names it
-- alone, is what no other refund gives back.

with delivered as (
    {{ delivered('raw_refunds', ['refund_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

countries as (
    select country_name, country_code from {{ ref('countries') }}
),

newest as (
    {{ newest_version('delivered', ['refund_id', 'line_number']) }}
),

dated as (
    select
        newest.*,
        stores.timezone,
        coalesce(
            newest.refunded_at, {{ day_start('newest.first_delivered_on', 'stores.timezone') }}
        ) as booked_at
    from newest
    inner join stores on newest.store_id = stores.store_id
),

final as (
    select
        dated.store_id,
        dated.refund_id,
        dated.line_number,
        dated.order_id,
        dated.line_kind,
        dated.product_id,
        dated.customer_id,
        coalesce(dated.country_code, countries.country_code) as country_code,
        coalesce(dated.country_name, dated.country_code) as country_name,
        dated.quantity,
        dated.amount,
        dated.tax_amount,
        dated.is_restocked,
        dated.is_whole_order,
        dated.reason,
        dated.booked_at as refunded_at,
        {{ local_day('dated.booked_at', 'dated.timezone') }} as refunded_on,
        cast(
            extract(hour from {{ local_time('dated.booked_at', 'dated.timezone') }}) as integer
        ) as refunded_hour,
        dated.is_duplicate,
        dated.feed,
        dated.document_id,
        dated.first_delivered_on,
        dated.delivered_on,
        dated.source_file,
        dated.source_row
    from dated
    left join countries on dated.country_name = countries.country_name
)

select * from final
