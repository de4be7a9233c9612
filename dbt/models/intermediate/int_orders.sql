{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='ordered_on',
    tail_from='changed_on',
    group='facts',
) }}

-- One row per order with sale lines: whether it counts, and what its lines sum to.
with sales as (
    select fact_sales.*
    from {{ ref('fact_sales') }} as fact_sales
    {{ tail('fact_sales', 'ordered_on', 'changed_on') }}
    where not fact_sales.is_test
),

orders as (
    select * from {{ ref('stg_orders') }}
),

summed as (
    select
        store_id,
        order_id,
        max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1 as has_priced_line,
        {{ total('case when quantity > 0 and unit_price > 0 then gross_amount end') }}
            as priced_amount,
        -- what money cannot hold is unknown
        try_cast(coalesce(sum(
            case when line_kind in ('product', 'discount') then net_amount end
        ), 0) as decimal(18, 4)) as net_amount,
        try_cast(sum(
            case when line_kind in ('product', 'discount') then net_base_amount end
        ) as decimal(18, 4)) as net_base_amount,
        case
            when count(case when line_kind = 'product' then cost_amount end) > 0
                then try_cast(sum(
                    case line_kind
                        when 'product' then net_amount - cost_amount
                        when 'discount' then net_amount
                    end
                ) as decimal(18, 4))
        end as margin_amount
    from sales
    group by store_id, order_id
),

final as (
    select
        summed.store_id,
        summed.order_id,
        orders.customer_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.ordered_hour,
        {{ month_of('orders.ordered_on') }} as order_month,
        orders.ship_country_code,
        orders.ship_country_name,
        orders.is_valid and not orders.is_adjustment and summed.has_priced_line as is_counting,
        summed.priced_amount,
        summed.net_amount,
        summed.net_base_amount,
        summed.margin_amount
    from summed
    inner join orders
        on summed.store_id = orders.store_id and summed.order_id = orders.order_id
)

select * from final
{{ in_order_of('ordered_on') }}
