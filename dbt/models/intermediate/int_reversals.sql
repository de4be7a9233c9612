{{ config(materialized='ephemeral') }}

-- Orders of which all is given back that nobody refunded otherwise: cancelled and voided ones on
-- the day their state changed, returned ones on the day of the refund. Nothing is given back before
-- it was ordered, and nothing twice. Test orders never counted.
with orders as (
    select * from {{ ref('stg_orders') }}
    where not is_test
),

refunds as (
    select * from {{ ref('int_refunds') }}
    where is_whole_order
),

reversals as (
    select
        store_id, order_id, cancelled_on as reversed_on, cast(null as timestamp) as refunded_at,
        cast(null as integer) as refunded_hour, 'cancelled' as kind, 'cancelled' as reason,
        true as is_restocked, '' as refund_id, 0 as line_number
    from orders
    where cancelled_on is not null
    union all
    select
        refunds.store_id,
        refunds.order_id,
        greatest(refunds.refunded_on, orders.ordered_on) as reversed_on,
        case when refunds.refunded_on >= orders.ordered_on then refunds.refunded_at end
            as refunded_at,
        case when refunds.refunded_on >= orders.ordered_on then refunds.refunded_hour end
            as refunded_hour,
        'returned' as kind,
        refunds.reason,
        refunds.is_restocked,
        refunds.refund_id,
        refunds.line_number
    from refunds
    inner join orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by store_id, order_id order by reversed_on, kind, refund_id, line_number
        ) as recency
    from reversals
),

final as (
    select store_id, order_id, reversed_on, refunded_at, refunded_hour, kind, reason, is_restocked
    from ranked
    where recency = 1
)

select * from final
