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
    select m.*
    from {{ ref('int_month_ends') }} as m
    {{ tail('m', 'sales_month', 'changed_month') }}
),

segments as (
    select * from {{ ref('rfm_segments') }}
),

stores as (
    select store_id, currency_code from {{ source('raw', 'stores') }}
),

customers as (
    select
        m.store_id,
        m.sales_month,
        m.as_of_on,
        orders.customer_id,
        cast({{ days_between('max(orders.ordered_on)', 'm.as_of_on') }} as integer)
            as recency_days,
        count(*) as frequency,
        cast(sum(orders.priced_amount) as decimal(38, 4)) as monetary_amount
    from month_ends as m
    inner join orders on m.store_id = orders.store_id and m.as_of_on >= orders.ordered_on
    group by m.store_id, m.sales_month, m.as_of_on, orders.customer_id
),

counted as (
    select *, count(*) over (partition by store_id, sales_month) as known_customers from customers
),

-- the fifth in which the first of all equal customers lies
scored as (
    select
        *,
        5 - cast(floor(5 * (rank() over (
            partition by store_id, sales_month order by recency_days
        ) - 1) / known_customers) as integer) as recency_score,
        1 + cast(floor(5 * (rank() over (
            partition by store_id, sales_month order by frequency
        ) - 1) / known_customers) as integer) as frequency_score,
        1 + cast(floor(5 * (rank() over (
            partition by store_id, sales_month order by monetary_amount
        ) - 1) / known_customers) as integer) as monetary_score
    from counted
),

final as (
    select
        scored.store_id,
        scored.sales_month,
        scored.as_of_on,
        scored.customer_id,
        stores.currency_code,
        scored.recency_days,
        scored.frequency,
        scored.monetary_amount,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        segments.segment
    from scored
    inner join stores on scored.store_id = stores.store_id
    left join segments
        on
            scored.recency_score = segments.recency_score
            and scored.frequency_score + scored.monetary_score
            = segments.frequency_monetary_score
)

select * from final
