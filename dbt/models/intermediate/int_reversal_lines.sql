{{ config(materialized='ephemeral') }}

-- The rows that we generate for orders of which all is given back: of every line, and of the
-- shipping of the order itself, what was not refunded otherwise.
with reversals as (
    select int_reversals.*, stores.timezone
    from {{ ref('int_reversals') }} as int_reversals
    {{ tail('int_reversals', 'reversed_on', 'changed_on') }}
    inner join {{ source('raw', 'stores') }} as stores on int_reversals.store_id = stores.store_id
),

orders as (
    select * from {{ ref('stg_orders') }}
),

lines as (
    select * from {{ ref('int_unrefunded_lines') }}
),

final as (
    select
        lines.store_id,
        concat(reversals.kind, '-', lines.order_id) as refund_id,
        lines.line_number,
        lines.line_kind,
        lines.order_id,
        lines.product_id,
        orders.customer_id,
        orders.ship_country_code as country_code,
        orders.ship_country_name as country_name,
        coalesce(
            reversals.refunded_at, {{ day_start('reversals.reversed_on', 'reversals.timezone') }}
        ) as refunded_at,
        reversals.reversed_on as refunded_on,
        coalesce(reversals.refunded_hour, 0) as refunded_hour,
        orders.ordered_on,
        false as is_test,
        cast(lines.quantity as decimal(18, 4)) as quantity,
        cast(lines.amount as decimal(18, 4)) as amount,
        cast(lines.tax_amount as decimal(18, 4)) as tax_amount,
        reversals.is_restocked,
        reversals.reason,
        case when reversals.kind = 'cancelled' then 'cancellation' else 'whole_order' end as origin,
        orders.ordered_at as as_of_at
    from lines
    inner join reversals
        on lines.store_id = reversals.store_id and lines.order_id = reversals.order_id
    inner join orders
        on lines.store_id = orders.store_id and lines.order_id = orders.order_id
)

select * from final
