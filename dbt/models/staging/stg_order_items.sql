{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'order_id'],
    changed='changed.raw_order_items',
    changed_on=[
        [
            "least(o.ordered_on, o.cancelled_on)",
            "staging.main.stg_orders as o on o.store_id = c.store_id and o.order_id = c.order_id",
        ],
        [
            "cast(r.refunded_at - interval 1 day as date)",
            "staging.raw.raw_refunds as r on r.store_id = c.store_id and r.order_id = c.order_id",
        ],
    ],
) }}
-- depends_on: {{ ref('stg_orders') }}
-- A refund waits for the line it is of, even one dated before it: a changed line changes it too.

with delivered as (
    {{ delivered('raw_order_items', ['order_id']) }}
),

newest as (
    {{ newest_version('delivered', ['order_id', 'line_number']) }}
),

final as (
    select
        store_id,
        order_id,
        line_number,
        product_id,
        line_kind,
        quantity,
        unit_price,
        {{ money_mul('unit_price', 'quantity') }} as gross_amount,
        discount_amount,
        tax_amount,
        is_duplicate,
        feed,
        document_id,
        first_delivered_on,
        delivered_on,
        source_file,
        source_row
    from newest
)

select * from final
