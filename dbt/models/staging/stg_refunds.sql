{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'refund_id'],
    changed='changed.raw_refunds',
    changed_on=[
        'c.refunded_on',
        "(select least(min(o.ordered_on), min(o.cancelled_on)) from staging.main.stg_orders as o"
        ~ " where o.store_id = c.store_id and o.order_id = c.order_id)",
    ],
) }}
-- depends_on: {{ ref('stg_orders') }}

with delivered as (
    {{ delivered('raw_refunds', ['refund_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

countries as (
    select country_name, country_code from {{ ref('countries') }}
),

ranked as (
    select
        *,
        min(delivered_on) over (partition by store_id, refund_id, line_number)
            as first_delivered_on,
        row_number() over (
            partition by store_id, refund_id, line_number, is_live
            order by {{ version_order('desc', updated_at=false) }}
        ) as recency
    from delivered
),

final as (
    select
        ranked.store_id,
        ranked.refund_id,
        ranked.line_number,
        ranked.order_id,
        ranked.line_kind,
        ranked.product_id,
        ranked.customer_id,
        coalesce(ranked.country_code, countries.country_code) as country_code,
        coalesce(ranked.country_name, ranked.country_code) as country_name,
        ranked.quantity,
        ranked.amount,
        ranked.tax_amount,
        ranked.is_restocked,
        ranked.reason,
        ranked.refunded_at,
        {{ local_day('ranked.refunded_at', 'stores.timezone') }} as refunded_on,
        cast(
            extract(hour from {{ local_time('ranked.refunded_at', 'stores.timezone') }}) as integer
        ) as refunded_hour,
        ranked.is_duplicate,
        ranked.feed,
        ranked.document_id,
        ranked.first_delivered_on,
        ranked.delivered_on,
        ranked.source_file,
        ranked.source_row
    from ranked
    inner join stores on ranked.store_id = stores.store_id
    left join countries on ranked.country_name = countries.country_name
    where ranked.is_live and ranked.recency = 1
)

select * from final
