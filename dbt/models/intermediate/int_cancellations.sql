{{ config(materialized='ephemeral') }}

-- The reversal of cancelled and voided orders on the day their state changed: of every line, and of
-- the order's shipping, what was not refunded otherwise.
with orders as (
    select stg_orders.*, stores.timezone
    from {{ ref('stg_orders') }} as stg_orders
    {{ tail('stg_orders', 'cancelled_on') }}
    inner join {{ source('raw', 'stores') }} as stores on stg_orders.store_id = stores.store_id
),

lines as (
    select * from {{ ref('int_unrefunded_lines') }}
),

final as (
    select
        lines.store_id,
        concat('cancelled-', lines.order_id) as refund_id,
        lines.line_number,
        lines.line_kind,
        lines.order_id,
        lines.product_id,
        orders.customer_id,
        orders.ship_country_code as country_code,
        orders.ship_country_name as country_name,
        {{ day_start('orders.cancelled_on', 'orders.timezone') }} as refunded_at,
        orders.cancelled_on as refunded_on,
        0 as refunded_hour,
        orders.ordered_on,
        false as is_test,
        cast(lines.quantity as decimal(18, 4)) as quantity,
        cast(lines.amount as decimal(18, 4)) as amount,
        cast(lines.tax_amount as decimal(18, 4)) as tax_amount,
        true as is_restocked,
        'cancelled' as reason,
        'cancellation' as origin,
        orders.ordered_at as as_of_at
    from lines
    inner join orders
        on lines.store_id = orders.store_id and lines.order_id = orders.order_id
)

select * from final
