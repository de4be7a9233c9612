{{ config(materialized='ephemeral') }}

-- Rows that wait for the rate of their day: sales for that of the order, refunds, payments and
-- spend for their own, orders to be reversed for that of the reversal. What waits for other rows
-- needs no rate yet.
with orders as (
    select * from {{ ref('stg_orders') }}
),

items as (
    select * from {{ ref('stg_order_items') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

-- stores whose days need a rate
abroad as (
    select stores.store_id from {{ source('raw', 'stores') }} as stores
    where {{ needs_rate('stores') }}
),

abroad_orders as (
    select stg_orders.*
    from {{ ref('stg_orders') }} as stg_orders
    inner join abroad on stg_orders.store_id = abroad.store_id
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

unpriced_sales as (
    select
        items.store_id, 'raw_order_items' as dataset,
        concat(items.order_id, '-', items.line_number) as row_id,
        'rate_missing' as reason, orders.ordered_on as pending_since_on,
        items.gross_amount - items.discount_amount as amount, items.source_file, items.source_row
    from items
    inner join orders
        on items.store_id = orders.store_id and items.order_id = orders.order_id
    inner join abroad on items.store_id = abroad.store_id
    left join rates
        on orders.store_id = rates.store_id and orders.ordered_on = rates.rate_on
    where rates.fx_rate is null
),

unpriced_refunds as (
    select
        refunds.store_id, 'raw_refunds' as dataset,
        concat(refunds.refund_id, '-', refunds.line_number) as row_id,
        'rate_missing' as reason, refunds.refunded_on as pending_since_on, refunds.amount,
        refunds.source_file, refunds.source_row
    from refunds
    inner join abroad on refunds.store_id = abroad.store_id
    left join rates
        on refunds.store_id = rates.store_id and refunds.refunded_on = rates.rate_on
    where rates.fx_rate is null and not refunds.is_whole_order
),

unpriced_payments as (
    select
        payments.store_id, 'raw_payments' as dataset, payments.payment_id as row_id,
        'rate_missing' as reason,
        coalesce(payments.paid_on, orders.ordered_on) as pending_since_on,
        payments.amount, payments.source_file, payments.source_row
    from {{ ref('stg_payments') }} as payments
    inner join abroad_orders as orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
    left join rates
        on
            payments.store_id = rates.store_id
            and coalesce(payments.paid_on, orders.ordered_on) = rates.rate_on
    where rates.fx_rate is null
),

unpriced_spend as (
    select
        spend.store_id, 'raw_campaign_spend' as dataset,
        concat(spend.campaign_id, '-', cast(spend.spend_on as varchar(10))) as row_id,
        'rate_missing' as reason, spend.spend_on as pending_since_on,
        spend.spend_amount as amount, spend.source_file, spend.source_row
    from {{ ref('stg_campaign_spend') }} as spend
    inner join abroad on spend.store_id = abroad.store_id
    left join rates
        on spend.store_id = rates.store_id and spend.spend_on = rates.rate_on
    where rates.fx_rate is null
),

final as (
    select * from unpriced_sales
    union all
    select * from unpriced_refunds
    union all
    select * from unpriced_payments
    union all
    select * from unpriced_spend
    union all
    select * from {{ ref('int_unpriced_reversals') }}
)

select * from final
