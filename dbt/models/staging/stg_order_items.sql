{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'order_id'],
    changed='changed.raw_order_items',
    changed_on=[
        "(select least(min(o.ordered_on), min(o.cancelled_on)) from staging.main.stg_orders as o"
        ~ " where o.store_id = c.store_id and o.order_id = c.order_id)",
        "(select cast(min(r.refunded_at) - interval 1 day as date) from staging.raw.raw_refunds as r"
        ~ " where r.store_id = c.store_id and r.order_id = c.order_id)",
    ],
) }}
-- depends_on: {{ ref('stg_orders') }}
-- A refund waits for the line it is of, even one dated before it: a changed line changes it too.

with delivered as (
    {{ delivered('raw_order_items', ['order_id']) }}
),

ranked as (
    select
        *,
        min(delivered_on) over (
            versions rows between unbounded preceding and unbounded following
        ) as first_delivered_on,
        row_number() over versions as recency
    from delivered
    window versions as (
        partition by store_id, order_id, line_number
        order by is_live desc, {{ version_order('desc', updated_at=false) }}
    )
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
    from ranked
    where is_live and recency = 1
)

select * from final
