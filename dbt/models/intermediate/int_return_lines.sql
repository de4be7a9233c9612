{{ config(materialized='ephemeral') }}

-- What was given back: delivered refund lines, and the reversal of orders that were cancelled,
-- voided or returned as a whole.
with orders as (
    select * from {{ ref('stg_orders') }}
),

refunds as (
    select int_refunds.*
    from {{ ref('int_refunds') }} as int_refunds
    {{ tail('int_refunds', 'refunded_on', 'changed_on') }}
    where not int_refunds.is_whole_order
),

delivered as (
    select
        refunds.store_id,
        refunds.refund_id,
        refunds.line_number,
        refunds.line_kind,
        refunds.order_id,
        refunds.product_id,
        coalesce(refunds.customer_id, orders.customer_id) as customer_id,
        case
            when refunds.country_name is null then orders.ship_country_code
            else refunds.country_code
        end as country_code,
        coalesce(refunds.country_name, orders.ship_country_name) as country_name,
        refunds.refunded_at,
        refunds.refunded_on,
        refunds.refunded_hour,
        coalesce(orders.ordered_on, refunds.refunded_on) as ordered_on,
        coalesce(orders.is_test, false) as is_test,
        refunds.quantity,
        refunds.amount,
        refunds.tax_amount,
        refunds.is_restocked,
        refunds.reason,
        'delivered' as origin,
        coalesce(orders.ordered_at, refunds.refunded_at) as as_of_at
    from refunds
    left join orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
),

final as (
    select * from delivered
    union all
    select * from {{ ref('int_reversal_lines') }}
)

select * from final
