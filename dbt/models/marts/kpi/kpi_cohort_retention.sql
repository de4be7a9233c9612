{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='activity_month',
    tail_from='changed_month',
) }}

with orders as (
    select * from {{ ref('int_customer_orders') }}
),

month_ends as (
    select * from {{ ref('int_month_ends') }}
),

cohorts as (
    select store_id, cohort_month, count(distinct customer_id) as cohort_size
    from orders
    group by store_id, cohort_month
),

activity as (
    select
        orders.store_id,
        orders.cohort_month,
        orders.order_month as activity_month,
        count(distinct orders.customer_id) as active_customers
    from orders
    {{ tail('orders', 'order_month', 'changed_month') }}
    group by orders.store_id, orders.cohort_month, orders.order_month
),

grid as (
    select
        cohorts.store_id,
        cohorts.cohort_month,
        cohorts.cohort_size,
        m.sales_month as activity_month,
        m.is_complete,
        cast({{ months_between('cohorts.cohort_month', 'm.sales_month') }} as integer) as period
    from cohorts
    inner join month_ends as m
        on cohorts.store_id = m.store_id and cohorts.cohort_month <= m.sales_month
    {{ tail('m', 'sales_month', 'changed_month') }}
),

counted as (
    select
        grid.*,
        case
            when grid.period = 0 or grid.is_complete then coalesce(activity.active_customers, 0)
        end as active_customers
    from grid
    left join activity
        on
            grid.store_id = activity.store_id
            and grid.cohort_month = activity.cohort_month
            and grid.activity_month = activity.activity_month
),

final as (
    select
        store_id,
        cohort_month,
        period,
        activity_month,
        cohort_size,
        active_customers,
        {{ ratio('active_customers', 'cohort_size') }} as retention_rate,
        is_complete
    from counted
)

select * from final
