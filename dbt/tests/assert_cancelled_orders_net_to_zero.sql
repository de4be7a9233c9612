{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_returns'}},
        'description':
            'An order that was cancelled or returned nets to zero: of every kind of line is generated what was sold '
            ~ 'less what was refunded, and nothing beyond zero where more was refunded than sold. '
            ~ 'An order whose reversal waits for its rate is among the pending rows.',
    },
) }}

{%- set measures = ['quantity', 'amount', 'tax_amount'] %}

with returned as (
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
    left join {{ ref('pending_rows') }} as pending
        on
            orders.store_id = pending.store_id
            and pending.dataset = 'raw_orders'
            and pending.reason = 'rate_missing'
            and orders.order_id = pending.row_id
    where
        not orders.is_test
        and pending.row_id is null
        and (orders.cancelled_on is not null or returned.order_id is not null)
),

lines as (
    select
        'sold' as fate, store_id, order_id, line_kind, quantity, net_amount as amount, tax_amount
    from {{ ref('fact_sales') }}
    union all
    select
        'sold' as fate, store_id, order_id, 'shipping' as line_kind, 0 as quantity,
        shipping_amount as amount, 0 as tax_amount
    from {{ ref('fact_sales') }}
    union all
    select 'refunded' as fate, store_id, order_id, line_kind, quantity, amount, tax_amount
    from {{ ref('int_refunds') }}
    union all
    select 'generated' as fate, store_id, order_id, line_kind, quantity, amount, tax_amount
    from {{ ref('fact_returns') }}
    where origin <> 'delivered'
),

by_kind as (
    select
        lines.store_id,
        lines.order_id,
        lines.line_kind
        {%- for measure in measures %}
        {%- for fate in ['sold', 'refunded', 'generated'] %},
        sum(case when lines.fate = '{{ fate }}' then lines.{{ measure }} else 0 end)
            as {{ fate }}_{{ measure }}
        {%- endfor %}
        {%- endfor %}
    from lines
    inner join reversed
        on lines.store_id = reversed.store_id and lines.order_id = reversed.order_id
    group by lines.store_id, lines.order_id, lines.line_kind
)

select *
from by_kind
where
    {%- for measure in measures %}
    {%- set sold, left = 'sold_' ~ measure, 'sold_' ~ measure ~ ' - refunded_' ~ measure %}
    (
        generated_{{ measure }} <> case
            when {{ sold }} >= 0 then greatest({{ left }}, 0) else least({{ left }}, 0)
        end
        -- money taken back of a kind that has no line
        and not ({{ sold }} = 0 and generated_{{ measure }} = 0)
    )
    {{ "or " if not loop.last }}
    {%- endfor %}
