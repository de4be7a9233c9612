{{ config(materialized='table') }}

-- Whether a refund is of a line that is known may change with the refund and with its order.
with final as (
    select store_id, refund_id from {{ source('changed', 'raw_refunds') }}
    union
    select refunds.store_id, refunds.refund_id
    from {{ ref('stg_refunds') }} as refunds
    inner join {{ ref('int_changed_orders') }} as orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
)

select * from final
