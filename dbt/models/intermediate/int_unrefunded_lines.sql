{{ config(materialized='ephemeral') }}

-- What nobody has refunded of the lines of orders of which all is given back; of every kind of line
-- what was sold less what was refunded.
{%- set measures = ['quantity', 'amount', 'tax_amount'] %}
{%- set of_kind = ['store_id', 'order_id', 'line_kind'] %}
{%- set of_product = of_kind + ['product_code'] %}

with orders as (
    select int_reversals.store_id, int_reversals.order_id
    from {{ ref('int_reversals') }} as int_reversals
    {{ tail('int_reversals', 'reversed_on') }}
),

sales as (
    select fact_sales.*
    from {{ ref('fact_sales') }} as fact_sales
    inner join orders
        on fact_sales.store_id = orders.store_id and fact_sales.order_id = orders.order_id
),

-- the order's own shipping is a line like those of that kind
lines as (
    select
        store_id, order_id, line_number, line_kind, product_id,
        coalesce(product_id, '') as product_code, quantity, net_amount as amount, tax_amount
    from sales
    union all
    select
        store_id, order_id, 0 as line_number, 'shipping' as line_kind, null as product_id,
        '' as product_code, 0 as quantity, sum(shipping_amount) as amount, 0 as tax_amount
    from sales
    group by store_id, order_id
    having sum(shipping_amount) <> 0
),

refunds as (
    select
        refunds.store_id,
        refunds.order_id,
        refunds.line_kind,
        coalesce(refunds.product_id, '') as product_code,
        sum(refunds.quantity) as quantity,
        sum(refunds.amount) as amount,
        sum(refunds.tax_amount) as tax_amount
    from {{ ref('int_refunds') }} as refunds
    inner join orders
        on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    group by
        refunds.store_id, refunds.order_id, refunds.line_kind, coalesce(refunds.product_id, '')
),

refunds_of_kind as (
    select
        store_id, order_id, line_kind, sum(quantity) as quantity, sum(amount) as amount,
        sum(tax_amount) as tax_amount
    from refunds
    group by store_id, order_id, line_kind
),

owed as (
    select
        lines.*,
        {%- for measure in measures %}
        {{ unrefunded(sum_of(measure, 'lines', of_product), 'refunds.' ~ measure) }}
            as {{ measure }}_of_product,
        {{ unrefunded(sum_of(measure, 'lines', of_kind), 'refunds_of_kind.' ~ measure) }}
            as {{ measure }}_of_kind
        {{- "," if not loop.last }}
        {%- endfor %}
    from lines
    left join refunds
        on
            lines.store_id = refunds.store_id
            and lines.order_id = refunds.order_id
            and lines.line_kind = refunds.line_kind
            and lines.product_code = refunds.product_code
    left join refunds_of_kind
        on
            lines.store_id = refunds_of_kind.store_id
            and lines.order_id = refunds_of_kind.order_id
            and lines.line_kind = refunds_of_kind.line_kind
),

-- refunds name product and kind, not the line: they use up the lines of their product in order
named as (
    select
        store_id, order_id, line_number, line_kind, product_id,
        {%- for measure in measures %}
        {{ what_is_left(measure, measure ~ '_of_product', of_product) }} as {{ measure }},
        {{ measure }}_of_kind
        {{- "," if not loop.last }}
        {%- endfor %}
    from owed
),

-- and those of no product that was sold, or of more than was sold of it, what is left of their kind
reduced as (
    select
        store_id, order_id, line_number, line_kind, product_id,
        {%- for measure in measures %}
        {{ what_is_left(measure, measure ~ '_of_kind', of_kind) }} as {{ measure }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from named
),

final as (
    select * from reduced
    where quantity <> 0 or amount <> 0 or tax_amount <> 0
)

select * from final
