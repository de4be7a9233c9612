-- A cancelled order nets to zero: what we generate is what nobody refunded of it. Only refunds
-- beyond what was sold of their kind and product may leave it beyond zero, by as much. An order
-- whose reversal waits for its rate is among the pending rows.
{{ config(meta={'dagster': {'ref': {'name': 'fact_returns'}}}) }}

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
    select
        store_id,
        order_id,
        line_kind,
        product_id,
        1 as sold_lines,
        net_amount as sold_amount,
        shipping_amount,
        0 as refunded_amount,
        0 as generated_amount
    from {{ ref('fact_sales') }}
    union all
    select
        store_id,
        order_id,
        line_kind,
        product_id,
        0 as sold_lines,
        0 as sold_amount,
        0 as shipping_amount,
        amount as refunded_amount,
        0 as generated_amount
    from {{ ref('stg_refunds') }}
    union all
    select
        store_id,
        order_id,
        line_kind,
        product_id,
        0 as sold_lines,
        0 as sold_amount,
        0 as shipping_amount,
        0 as refunded_amount,
        amount as generated_amount
    from {{ ref('fact_returns') }}
    where origin = 'cancellation'
),

by_product as (
    select
        money.store_id,
        money.order_id,
        money.line_kind,
        sum(money.sold_lines) as sold_lines,
        sum(money.sold_amount) as sold_amount,
        sum(money.shipping_amount) as shipping_amount,
        sum(money.refunded_amount) as refunded_amount,
        sum(money.generated_amount) as generated_amount
    from money
    inner join cancelled
        on money.store_id = cancelled.store_id and money.order_id = cancelled.order_id
    group by money.store_id, money.order_id, money.line_kind, money.product_id
),

-- what no line of its kind can make up for
bounded as (
    select
        *,
        case
            when sold_amount >= 0 then greatest(refunded_amount - sold_amount, 0)
            else 0
        end as excess_amount,
        case
            when sum(sold_lines) over (partition by store_id, order_id, line_kind) = 0
                then least(refunded_amount, 0)
            when sold_amount < 0 then least(refunded_amount - sold_amount, 0)
            else 0
        end as deficit_amount
    from by_product
),

by_order as (
    select
        store_id,
        order_id,
        sum(sold_amount + shipping_amount) as sold_amount,
        sum(refunded_amount) as refunded_amount,
        sum(generated_amount) as generated_amount,
        sum(excess_amount) as excess_amount,
        sum(deficit_amount) as deficit_amount
    from bounded
    group by store_id, order_id
)

select *
from by_order
where
    refunded_amount + generated_amount - sold_amount < deficit_amount
    or refunded_amount + generated_amount - sold_amount > excess_amount
