{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='ordered_on',
    tail_from='changed_on',
    group='facts',
) }}

-- The counting orders of known customers, numbered over the customer's whole history: those of the
-- tail among themselves, after as many as there were before it.
{%- set counting = 'orders.is_counting and orders.customer_id is not null' %}

with earlier as (
    select
        orders.store_id,
        orders.customer_id,
        count(*) as orders,
        min(orders.order_month) as cohort_month,
        max(orders.ordered_on) as ordered_on
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('rebuild_from') }} as tail
        on orders.store_id = tail.store_id and orders.ordered_on < tail.changed_on
    where {{ counting }}
    group by orders.store_id, orders.customer_id
),

numbered as (
    select
        orders.store_id,
        orders.order_id,
        orders.customer_id,
        orders.ordered_on,
        orders.order_month,
        orders.priced_amount,
        row_number() over (
            partition by orders.store_id, orders.customer_id
            order by orders.ordered_at, orders.order_id
        ) as tail_order_number,
        min(orders.order_month) over (partition by orders.store_id, orders.customer_id)
            as first_month,
        lag(orders.ordered_on) over (
            partition by orders.store_id, orders.customer_id
            order by orders.ordered_at, orders.order_id
        ) as previous_ordered_on
    from {{ ref('int_orders') }} as orders
    {{ tail('orders', 'ordered_on', 'changed_on') }}
    where {{ counting }}
),

final as (
    select
        numbered.store_id,
        numbered.order_id,
        numbered.customer_id,
        numbered.ordered_on,
        numbered.order_month,
        coalesce(earlier.cohort_month, numbered.first_month) as cohort_month,
        coalesce(earlier.orders, 0) + numbered.tail_order_number as customer_order_number,
        coalesce(earlier.orders, 0) + numbered.tail_order_number = 1 as is_first_order,
        {{ days_between(
            'coalesce(numbered.previous_ordered_on, earlier.ordered_on)', 'numbered.ordered_on'
        ) }} as days_since_previous,
        numbered.priced_amount
    from numbered
    left join earlier
        on
            numbered.store_id = earlier.store_id
            and numbered.customer_id = earlier.customer_id
)

select * from final
{{ in_order_of('ordered_on') }}
