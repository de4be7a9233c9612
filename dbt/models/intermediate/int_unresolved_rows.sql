{{ config(materialized='ephemeral') }}

-- Rows that wait for other rows: lines, refunds, payments and parcels for their order, orders for
-- their lines, refunds for the line they are of.
with refunds as (
    select * from {{ ref('stg_refunds') }}
),

known_refunds as (
    select * from {{ ref('int_refunds') }}
),

unmatched as (
    select
        store_id,
        case when line_number is null then 'raw_orders' else 'raw_order_items' end as dataset,
        case
            when line_number is null then order_id else concat(order_id, '-', line_number)
        end as row_id,
        case when line_number is null then 'lines_missing' else 'order_missing' end as reason,
        first_delivered_on as pending_since_on,
        amount,
        source_file,
        source_row
    from {{ ref('int_unmatched_orders') }}
),

orphan_refunds as (
    select
        refunds.store_id, 'raw_refunds' as dataset,
        concat(refunds.refund_id, '-', refunds.line_number) as row_id,
        case when orders.order_id is null then 'order_missing' else 'line_missing' end as reason,
        greatest(
            refunds.first_delivered_on, coalesce(orders.delivered_on, refunds.first_delivered_on)
        ) as pending_since_on,
        refunds.amount, refunds.source_file, refunds.source_row
    from refunds
    left join known_refunds
        on
            refunds.store_id = known_refunds.store_id
            and refunds.refund_id = known_refunds.refund_id
            and refunds.line_number = known_refunds.line_number
    left join {{ ref('stg_orders') }} as orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    where known_refunds.refund_id is null
),

final as (
    select * from unmatched
    union all
    select
        store_id, dataset, row_id, 'order_missing' as reason,
        first_delivered_on as pending_since_on, amount, source_file, source_row
    from {{ ref('int_orderless_rows') }}
    union all
    select * from orphan_refunds
)

select * from final
