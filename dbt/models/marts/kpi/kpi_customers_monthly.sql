{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='sales_month',
    tail_from='changed_month',
) }}

with orders as (
    select * from {{ ref('int_customer_orders') }}
),

month_ends as (
    select * from {{ ref('int_month_ends') }}
),

in_tail as (
    select m.*
    from month_ends as m
    {{ tail('m', 'sales_month', 'changed_month') }}
),

-- the state at the end of a month, and at the end of the month before it
as_of_dates as (
    select store_id, sales_month, as_of_on, true as is_end from in_tail
    union all
    select store_id, sales_month, sales_month - 1 as as_of_on, false as is_end from in_tail
),

lapse_points as (
    select
        dates.store_id,
        dates.sales_month,
        dates.is_end,
        {{ percentile_disc(0.9, 'orders.days_since_previous') }} as lapse_days
    from as_of_dates as dates
    inner join orders
        on dates.store_id = orders.store_id and dates.as_of_on >= orders.ordered_on
    where orders.days_since_previous is not null
    group by dates.store_id, dates.sales_month, dates.is_end
),

customers as (
    select
        m.store_id,
        m.sales_month,
        m.as_of_on,
        orders.customer_id,
        count(*) as orders_to_date,
        max(orders.ordered_on) as last_on,
        max(case when orders.ordered_on < m.sales_month then orders.ordered_on end)
            as last_before_on
    from in_tail as m
    inner join orders on m.store_id = orders.store_id and m.as_of_on >= orders.ordered_on
    group by m.store_id, m.sales_month, m.as_of_on, orders.customer_id
),

states as (
    select
        c.store_id,
        c.sales_month,
        c.customer_id,
        c.orders_to_date,
        case when {{ days_between('c.last_on', 'c.as_of_on') }} > now.lapse_days
            then 1 else 0 end as is_lapsed,
        case when {{ days_between('c.last_before_on', '(c.sales_month - 1)') }} > before.lapse_days
            then 1 else 0 end as was_lapsed
    from customers as c
    left join lapse_points as now
        on c.store_id = now.store_id and c.sales_month = now.sales_month and now.is_end
    left join lapse_points as before
        on c.store_id = before.store_id and c.sales_month = before.sales_month and not before.is_end
),

stocks as (
    select
        store_id,
        sales_month,
        count(*) as customers_to_date,
        count(case when orders_to_date >= 2 then 1 end) as repeat_customers,
        sum(is_lapsed) as lapsed_customers,
        sum(case when is_lapsed = 1 and was_lapsed = 0 then 1 else 0 end) as churned_customers
    from states
    group by store_id, sales_month
),

flows as (
    select
        orders.store_id,
        orders.order_month as sales_month,
        count(distinct orders.customer_id) as active_customers,
        count(distinct case
            when orders.cohort_month = orders.order_month then orders.customer_id
        end) as new_customers,
        count(distinct case
            when orders.cohort_month < orders.order_month then orders.customer_id
        end) as returning_customers
    from orders
    inner join in_tail as m
        on
            orders.store_id = m.store_id
            and orders.order_month = m.sales_month
            and orders.ordered_on <= m.as_of_on
    group by orders.store_id, orders.order_month
),

final as (
    select
        m.store_id,
        m.sales_month,
        m.as_of_on,
        m.is_complete,
        coalesce(flows.active_customers, 0) as active_customers,
        coalesce(flows.new_customers, 0) as new_customers,
        coalesce(flows.returning_customers, 0) as returning_customers,
        cast(coalesce(stocks.churned_customers, 0) as bigint) as churned_customers,
        cast(coalesce(stocks.lapsed_customers, 0) as bigint) as lapsed_customers,
        coalesce(stocks.customers_to_date, 0) as customers_to_date,
        coalesce(stocks.repeat_customers, 0) as repeat_customers,
        {{ ratio('stocks.repeat_customers', 'stocks.customers_to_date') }} as repeat_rate,
        cast(lapse_points.lapse_days as integer) as lapse_days
    from in_tail as m
    left join stocks on m.store_id = stocks.store_id and m.sales_month = stocks.sales_month
    left join flows on m.store_id = flows.store_id and m.sales_month = flows.sales_month
    left join lapse_points
        on
            m.store_id = lapse_points.store_id
            and m.sales_month = lapse_points.sales_month
            and lapse_points.is_end
)

select * from final
