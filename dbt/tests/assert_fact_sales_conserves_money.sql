{{ config(
    meta={
        'dagster': {'ref': {'name': 'fact_sales'}},
        'description':
            'Identities 2 and 3, per store and day: what staging holds and does not wait is in '
            ~ 'the fact, line by line, with its money, tax and quantity, and all that it has of '
            ~ 'its order; shares add up to the orders they are of.',
    },
) }}

with orders as (
    select orders.* from {{ ref('stg_orders') }} as orders
    {{ tail('orders', 'ordered_on', 'changed_on') }}
),

facts_of_tail as (
    select * from {{ unjudged(ref('fact_sales')) }} as judged_sales
),

places as (
    select * from {{ ref('dim_geography') }}
    where geography_key <> '0'
),

pending as (
    select store_id, row_id from {{ ref('pending_rows') }}
    where dataset = 'raw_order_items'
),

staged as (
    select
        items.store_id,
        orders.ordered_on,
        count(*) as line_count,
        sum(items.quantity) as quantity,
        sum(items.gross_amount - items.discount_amount) as net_amount,
        sum(items.tax_amount) as tax_amount,
        {{ rows_digest([
            'items.order_id', 'cast(items.line_number as bigint)', 'items.product_id',
            'items.line_kind', 'items.unit_price', 'items.gross_amount', 'orders.ordered_at',
            'orders.ordered_hour', 'orders.customer_id', 'orders.channel', 'orders.coupon_code',
            'orders.status', 'orders.is_valid', 'orders.is_test', 'orders.is_adjustment',
            'orders.ship_country_code', 'orders.ship_country_name', 'orders.ship_region',
            'orders.ship_city',
        ]) }} as digest
    from {{ ref('stg_order_items') }} as items
    inner join orders
        on items.store_id = orders.store_id and items.order_id = orders.order_id
    left join pending
        on
            items.store_id = pending.store_id
            and concat(items.order_id, '-', items.line_number) = pending.row_id
    where pending.row_id is null
    group by items.store_id, orders.ordered_on
),

facts as (
    select
        store_id,
        ordered_on,
        count(*) as line_count,
        sum(quantity) as quantity,
        sum(net_amount) as net_amount,
        sum(gross_amount - discount_amount) as recomputed_amount,
        sum(tax_amount) as tax_amount,
        sum(shipping_amount) as shipping_amount,
        {{ rows_digest([
            'order_id', 'line_number', 'product_id', 'line_kind', 'unit_price', 'gross_amount',
            'ordered_at', 'ordered_hour', 'customer_id', 'channel', 'coupon_code', 'order_status',
            'is_valid', 'is_test', 'is_adjustment', 'places.country_code', 'places.country_name',
            'places.region', 'places.city',
        ]) }} as digest
    from facts_of_tail
    left join places on facts_of_tail.geography_key = places.geography_key
    group by store_id, ordered_on
),

sold_orders as (
    select store_id, order_id from facts_of_tail group by store_id, order_id
),

shared as (
    select
        orders.store_id,
        orders.ordered_on,
        sum(orders.order_discount_amount) as discount_amount,
        sum(orders.shipping_amount) as shipping_amount
    from orders
    inner join sold_orders
        on orders.store_id = sold_orders.store_id and orders.order_id = sold_orders.order_id
    group by orders.store_id, orders.ordered_on
),

-- every line of any day, with an order or without
line_counts as (
    select store_id, count(*) as line_count, 0 as held_count from {{ ref('stg_order_items') }}
    group by store_id
    union all
    select store_id, 0 as line_count, count(*) as held_count from {{ ref('fact_sales') }}
    group by store_id
    union all
    select store_id, 0 as line_count, count(*) as held_count from pending
    group by store_id
)

select
    coalesce(staged.store_id, facts.store_id) as store_id,
    coalesce(staged.ordered_on, facts.ordered_on) as ordered_on,
    staged.line_count,
    facts.line_count as fact_line_count,
    staged.net_amount - shared.discount_amount as net_amount,
    facts.net_amount as fact_net_amount,
    staged.tax_amount,
    facts.tax_amount as fact_tax_amount,
    shared.shipping_amount,
    facts.shipping_amount as fact_shipping_amount
from staged
full outer join facts
    on staged.store_id = facts.store_id and staged.ordered_on = facts.ordered_on
left join shared
    on facts.store_id = shared.store_id and facts.ordered_on = shared.ordered_on
where
    staged.line_count is distinct from facts.line_count
    or staged.digest is distinct from facts.digest
    or staged.quantity is distinct from facts.quantity
    or staged.net_amount - shared.discount_amount is distinct from facts.net_amount
    or facts.net_amount is distinct from facts.recomputed_amount
    or staged.tax_amount is distinct from facts.tax_amount
    or shared.shipping_amount is distinct from facts.shipping_amount
union all
select
    store_id, null as ordered_on, sum(line_count) as line_count, sum(held_count) as fact_line_count,
    null as net_amount, null as fact_net_amount, null as tax_amount, null as fact_tax_amount,
    null as shipping_amount, null as fact_shipping_amount
from line_counts
group by store_id
having sum(line_count) <> sum(held_count)
