{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_returns'}},
        'description':
            'An order that was cancelled or returned nets to zero: what is generated is what was '
            ~ 'sold less what was refunded, by kind of line, and tax by order. Only refunds of '
            ~ 'more than was sold may leave it beyond zero, by as much. An order whose reversal '
            ~ 'waits for its rate is among the pending rows.',
    },
) }}

{%- set levels = {
    'quantity': ['store_id', 'order_id', 'line_kind'],
    'amount': ['store_id', 'order_id', 'line_kind'],
    'tax_amount': ['store_id', 'order_id'],
} %}

with returned as (
    select store_id, order_id
    from {{ ref('int_refunds') }}
    where is_whole_order
    group by store_id, order_id
),

reversed as (
    select orders.store_id, orders.order_id
    from {{ ref('stg_orders') }} as orders
    {{ tail('orders', 'ordered_on') }}
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
    from {{ unjudged(ref('fact_sales'), from='rebuild_on') }} as judged_sales
    union all
    select
        'sold' as fate, store_id, order_id, 'shipping' as line_kind, 0 as quantity,
        shipping_amount as amount, 0 as tax_amount
    from {{ unjudged(ref('fact_sales'), from='rebuild_on') }} as judged_sales
    union all
    select 'refunded' as fate, store_id, order_id, line_kind, quantity, amount, tax_amount
    from {{ ref('int_refunds') }}
    union all
    select 'generated' as fate, store_id, order_id, line_kind, quantity, amount, tax_amount
    from {{ ref('fact_returns') }}
    where origin <> 'delivered'
),

reversed_lines as (
    select lines.*
    from lines
    inner join reversed
        on lines.store_id = reversed.store_id and lines.order_id = reversed.order_id
),

summed as (
    {% for measure, level in levels.items() -%}
    select
        '{{ measure }}' as measure,
        store_id,
        order_id,
        {{ 'line_kind' if 'line_kind' in level else 'null' }} as line_kind,
        sum(case when fate = 'sold' then {{ measure }} else 0 end) as sold,
        sum(case when fate = 'refunded' then {{ measure }} else 0 end) as refunded,
        sum(case when fate = 'generated' then {{ measure }} else 0 end) as generated,
        sum(case fate when 'refunded' then {{ measure }} when 'sold' then -{{ measure }} end)
            filter (where {{ measure }} > 0) as given_back_beyond,
        sum(case fate when 'refunded' then {{ measure }} when 'sold' then -{{ measure }} end)
            filter (where {{ measure }} < 0) as taken_back_beyond
    from reversed_lines
    group by {{ level | join(', ') }}
    {{ "union all" if not loop.last }}
    {% endfor -%}
)

select *
from summed
where
    generated > sold - refunded + greatest(coalesce(given_back_beyond, 0), 0)
    or generated < sold - refunded + least(coalesce(taken_back_beyond, 0), 0)
