{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_returns'}},
        'description':
            'A cancelled order nets to zero: of every kind of line is generated what was sold '
            ~ 'less what was refunded, and nothing beyond zero where more was refunded than sold. '
            ~ 'An order whose reversal waits for its rate is among the pending rows.',
    },
) }}

with cancelled as (
    select orders.store_id, orders.order_id
    from {{ ref('stg_orders') }} as orders
    left join {{ ref('pending_rows') }} as pending
        on
            orders.store_id = pending.store_id
            and pending.dataset = 'raw_orders'
            and pending.reason = 'rate_missing'
            and orders.order_id = pending.row_id
    where orders.cancelled_on is not null and not orders.is_test and pending.row_id is null
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
    where origin = 'cancellation'
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
    inner join cancelled
        on money.store_id = cancelled.store_id and money.order_id = cancelled.order_id
    group by money.store_id, money.order_id, money.line_kind
)

select *
from by_kind
where
    sold_amount - refunded_amount <> generated_amount
    and not (sold_amount >= 0 and refunded_amount > sold_amount and generated_amount = 0)
    and not (sold_amount <= 0 and refunded_amount < sold_amount and generated_amount = 0)
