{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'refund_id'],
    changed='main.int_changed_refunds',
) }}

-- Refunds whose order line is known: that of the product they name, or any line of the order where
-- they name none or are not about a product. A refund of no order waits for nothing; the rest
-- waits in pending_rows.
with orders as (
    select store_id, order_id from {{ ref('stg_orders') }}
),

refunds as (
    select r.*
    from {{ ref('stg_refunds') }} as r
    {{ only_changed('r', ref('int_changed_refunds'), ['refund_id']) }}
),

refunded as (
    select refunds.store_id, refunds.order_id
    from refunds
    inner join orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    group by refunds.store_id, refunds.order_id
),

sold_products as (
    select items.store_id, items.order_id, coalesce(items.product_id, '') as product_id
    from {{ ref('stg_order_items') }} as items
    inner join refunded
        on items.store_id = refunded.store_id and items.order_id = refunded.order_id
),

-- the empty product stands for any line of the order
sold as (
    select store_id, order_id, product_id from sold_products
    union
    select store_id, order_id, '' as product_id from sold_products
),

final as (
    select refunds.*
    from refunds
    left join sold
        on
            refunds.store_id = sold.store_id
            and refunds.order_id = sold.order_id
            and sold.product_id
            = coalesce(case when refunds.line_kind = 'product' then refunds.product_id end, '')
    where refunds.order_id is null or sold.order_id is not null
)

select * from final
