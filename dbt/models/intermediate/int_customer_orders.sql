{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='ordered_on',
    group='facts',
) }}

-- The counting orders of known customers, numbered over the customer's whole history.
with orders as (
    select *
    from {{ ref('int_orders') }}
    where is_counting and customer_id is not null
),

touched as (
    select distinct orders.store_id, orders.customer_id
    from orders
    {{ tail('orders', 'ordered_on') }}
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
        ) as customer_order_number,
        min(orders.order_month) over (partition by orders.store_id, orders.customer_id)
            as cohort_month,
        lag(orders.ordered_on) over (
            partition by orders.store_id, orders.customer_id
            order by orders.ordered_at, orders.order_id
        ) as previous_ordered_on
    from orders
    inner join touched
        on orders.store_id = touched.store_id and orders.customer_id = touched.customer_id
),

final as (
    select
        numbered.store_id,
        numbered.order_id,
        numbered.customer_id,
        numbered.ordered_on,
        numbered.order_month,
        numbered.cohort_month,
        numbered.customer_order_number,
        numbered.customer_order_number = 1 as is_first_order,
        {{ days_between('numbered.previous_ordered_on', 'numbered.ordered_on') }}
            as days_since_previous,
        numbered.priced_amount
    from numbered
    {{ tail('numbered', 'ordered_on') }}
)

select * from final
