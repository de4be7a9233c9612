{{ config(materialized='ephemeral') }}

-- Cancelled and returned orders that wait to be reversed for the rate of that day: those of which
-- anything is left to reverse. An order whose sale waits itself has nothing to reverse yet.
with orders as (
    select
        orders.store_id, orders.order_id, reversals.reversed_on, orders.source_file,
        orders.source_row
    from {{ ref('int_reversals') }} as reversals
    inner join {{ ref('stg_orders') }} as orders
        on reversals.store_id = orders.store_id and reversals.order_id = orders.order_id
    inner join {{ source('raw', 'stores') }} as stores on orders.store_id = stores.store_id
    left join {{ ref('int_fx_rates') }} as rates
        on orders.store_id = rates.store_id and reversals.reversed_on = rates.rate_on
    where rates.fx_rate is null and {{ needs_rate('stores') }}
),

{{ lines_and_refunds() }},

unrefunded as (
    {{ unrefunded_lines('lines', 'refunds') }}
),

final as (
    select
        orders.store_id,
        'raw_orders' as dataset,
        orders.order_id as row_id,
        'rate_missing' as reason,
        orders.reversed_on as pending_since_on,
        -sum(unrefunded.amount) as amount,
        orders.source_file,
        orders.source_row
    from orders
    inner join unrefunded
        on orders.store_id = unrefunded.store_id and orders.order_id = unrefunded.order_id
    where unrefunded.quantity <> 0 or unrefunded.amount <> 0 or unrefunded.tax_amount <> 0
    group by
        orders.store_id, orders.order_id, orders.reversed_on, orders.source_file,
        orders.source_row
)

select * from final
