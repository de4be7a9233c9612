{{ config(materialized='ephemeral') }}

-- The reversal of cancelled and voided orders on the day their state changed: of every line what
-- was not refunded otherwise, and the order's shipping. Test orders never counted.
with orders as (
    select
        stg_orders.store_id, stg_orders.order_id, stg_orders.ordered_at, stg_orders.ordered_on,
        stg_orders.cancelled_on, stg_orders.customer_id, stg_orders.ship_country_code,
        stg_orders.ship_country_name, stores.timezone
    from {{ ref('stg_orders') }} as stg_orders
    {{ tail('stg_orders', 'cancelled_on') }}
    inner join {{ source('raw', 'stores') }} as stores on stg_orders.store_id = stores.store_id
    where not stg_orders.is_test
),

sales as (
    select
        fact_sales.*,
        coalesce(fact_sales.product_id, '') as product_code
    from {{ ref('fact_sales') }} as fact_sales
    inner join orders
        on fact_sales.store_id = orders.store_id and fact_sales.order_id = orders.order_id
),

refunded as (
    select
        refunds.store_id,
        refunds.order_id,
        refunds.line_kind,
        coalesce(refunds.product_id, '') as product_code,
        sum(refunds.quantity) as quantity,
        sum(refunds.amount) as amount,
        sum(refunds.tax_amount) as tax_amount
    from {{ ref('stg_refunds') }} as refunds
    inner join orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    group by
        refunds.store_id, refunds.order_id, refunds.line_kind, coalesce(refunds.product_id, '')
),

-- refunds name product and kind, not the line: they use up equal lines in order
named as (
    select
        sales.store_id, sales.order_id, sales.line_number, sales.line_kind, sales.product_id,
        {%- for measure in ['quantity', 'net_amount', 'tax_amount'] %}
        {%- set refund = 'amount' if measure == 'net_amount' else measure %}
        {{ unrefunded('sales.' ~ measure, 'refunded.' ~ refund) }} as {{ measure }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from sales
    left join refunded
        on
            sales.store_id = refunded.store_id
            and sales.order_id = refunded.order_id
            and sales.line_kind = refunded.line_kind
            and sales.product_code = refunded.product_code
),

-- refunds of no product that was sold use up what is left of their kind
unnamed as (
    select
        store_id, order_id, line_kind, sum(quantity) as quantity, sum(amount) as amount,
        sum(tax_amount) as tax_amount
    from refunded
    where not exists (
        select 1 as found from sales
        where
            sales.store_id = refunded.store_id and sales.order_id = refunded.order_id
            and sales.line_kind = refunded.line_kind
            and sales.product_code = refunded.product_code
    )
    group by store_id, order_id, line_kind
),

reversed as (
    select
        sales.store_id, sales.order_id, sales.line_number, sales.line_kind, sales.product_id,
        {%- for measure in ['quantity', 'net_amount', 'tax_amount'] %}
        {%- set refund = 'amount' if measure == 'net_amount' else measure %}
        {{ unrefunded('sales.' ~ measure, 'unnamed.' ~ refund, ['line_kind']) }} as {{ measure }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from named as sales
    left join unnamed
        on
            sales.store_id = unnamed.store_id
            and sales.order_id = unnamed.order_id
            and sales.line_kind = unnamed.line_kind
),

-- the order's shipping is what is left of all its shipping beyond the lines of that kind
shipping as (
    select
        charged.store_id,
        charged.order_id,
        charged.amount - coalesce(sum(reversed.net_amount), 0) as amount
    from {{ ref('int_cancelled_shipping') }} as charged
    left join reversed
        on
            charged.store_id = reversed.store_id
            and charged.order_id = reversed.order_id
            and reversed.line_kind = 'shipping'
    group by charged.store_id, charged.order_id, charged.amount
),

all_lines as (
    select
        store_id, order_id, line_number, line_kind, product_id, quantity, net_amount as amount,
        tax_amount
    from reversed
    where net_amount <> 0 or tax_amount <> 0 or quantity <> 0
    union all
    select
        store_id, order_id, 0 as line_number, 'shipping' as line_kind, null as product_id,
        1 as quantity, amount, 0 as tax_amount
    from shipping
    where amount <> 0
),

final as (
    select
        all_lines.store_id,
        concat('cancelled-', all_lines.order_id) as refund_id,
        all_lines.line_number,
        all_lines.line_kind,
        all_lines.order_id,
        all_lines.product_id,
        orders.customer_id,
        orders.ship_country_code as country_code,
        orders.ship_country_name as country_name,
        {{ day_start('orders.cancelled_on', 'orders.timezone') }} as refunded_at,
        orders.cancelled_on as refunded_on,
        0 as refunded_hour,
        orders.ordered_on,
        false as is_test,
        cast(all_lines.quantity as decimal(18, 4)) as quantity,
        cast(all_lines.amount as decimal(18, 4)) as amount,
        cast(all_lines.tax_amount as decimal(18, 4)) as tax_amount,
        true as is_restocked,
        'cancelled' as reason,
        'cancellation' as origin,
        orders.ordered_at as as_of_at
    from all_lines
    inner join orders
        on all_lines.store_id = orders.store_id and all_lines.order_id = orders.order_id
)

select * from final
