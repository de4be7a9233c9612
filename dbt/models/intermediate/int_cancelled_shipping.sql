{{ config(materialized='ephemeral') }}

-- What is left of all shipping of cancelled orders, lines and order level, after its refunds, but
-- never beyond zero.
with orders as (
    select stg_orders.store_id, stg_orders.order_id
    from {{ ref('stg_orders') }} as stg_orders
    {{ tail('stg_orders', 'cancelled_on') }}
    where not stg_orders.is_test
),

refunded as (
    select refunds.store_id, refunds.order_id, sum(refunds.amount) as amount
    from {{ ref('stg_refunds') }} as refunds
    inner join orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    where refunds.line_kind = 'shipping'
    group by refunds.store_id, refunds.order_id
),

lines as (
    select
        sales.store_id,
        sales.order_id,
        sum(sales.shipping_amount) as shared_amount,
        sum(case when sales.line_kind = 'shipping' then sales.net_amount else 0 end) as line_amount
    from {{ ref('fact_sales') }} as sales
    inner join orders
        on sales.store_id = orders.store_id and sales.order_id = orders.order_id
    group by sales.store_id, sales.order_id
),

charged as (
    select
        lines.store_id,
        lines.order_id,
        lines.shared_amount + lines.line_amount as amount,
        coalesce(refunded.amount, 0) as refunded_amount
    from lines
    left join refunded
        on lines.store_id = refunded.store_id and lines.order_id = refunded.order_id
),

final as (
    select
        store_id,
        order_id,
        case
            when amount >= 0 then greatest(amount - refunded_amount, 0)
            else least(amount - refunded_amount, 0)
        end as amount
    from charged
)

select * from final
