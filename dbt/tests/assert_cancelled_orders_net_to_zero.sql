{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_returns'}},
        'description':
            'An order that was cancelled or returned nets to zero: of every kind of line is generated what was sold '
            ~ 'less what was refunded, and nothing beyond zero where more was refunded than sold. '
            ~ 'An order whose reversal waits for its rate is among the pending rows.',
    },
) }}

with waiting as (
    select store_id, row_id as order_id
    from {{ ref('pending_rows') }}
    where dataset = 'raw_orders' and reason = 'rate_missing'
    union
    select refunds.store_id, refunds.order_id
    from {{ ref('pending_rows') }} as pending
    inner join {{ ref('stg_refunds') }} as refunds
        on
            pending.store_id = refunds.store_id
            and pending.dataset = 'raw_refunds'
            and pending.row_id = concat(refunds.refund_id, '-', refunds.line_number)
    where refunds.is_whole_order
),

returned as (
    select store_id, order_id
    from {{ ref('int_refunds') }}
    where is_whole_order
    group by store_id, order_id
),

reversed as (
    select orders.store_id, orders.order_id
    from {{ ref('stg_orders') }} as orders
    left join returned
        on orders.store_id = returned.store_id and orders.order_id = returned.order_id
    left join waiting
        on orders.store_id = waiting.store_id and orders.order_id = waiting.order_id
    where
        not orders.is_test
        and waiting.order_id is null
        and (orders.cancelled_on is not null or returned.order_id is not null)
),

money as (
    select store_id, order_id, line_kind, net_amount as sold_amount, 0 as refunded_amount,
        0 as generated_amount
    from {{ ref('fact_sales') }}
    union all
    select store_id, order_id, 'shipping' as line_kind, shipping_amount as sold_amount,
        0 as refunded_amount, 0 as generated_amount
    from {{ ref('fact_sales') }}
    union all
    select store_id, order_id, line_kind, 0 as sold_amount, amount as refunded_amount,
        0 as generated_amount
    from {{ ref('int_refunds') }}
    union all
    select store_id, order_id, line_kind, 0 as sold_amount, 0 as refunded_amount,
        amount as generated_amount
    from {{ ref('fact_returns') }}
    where origin <> 'delivered'
),

by_kind as (
    select
        money.store_id,
        money.order_id,
        money.line_kind,
        sum(money.sold_amount) as sold_amount,
        sum(money.refunded_amount) as refunded_amount,
        sum(money.generated_amount) as generated_amount
    from money
    inner join reversed
        on money.store_id = reversed.store_id and money.order_id = reversed.order_id
    group by money.store_id, money.order_id, money.line_kind
)

select *
from by_kind
where
    sold_amount - refunded_amount <> generated_amount
    and not (sold_amount >= 0 and refunded_amount > sold_amount and generated_amount = 0)
    and not (sold_amount <= 0 and refunded_amount < sold_amount and generated_amount = 0)
