{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='started_on',
    tail_from='changed_on',
) }}

with sessions as (
    select fact_sessions.*
    from {{ ref('fact_sessions') }} as fact_sessions
    {{ tail('fact_sessions', 'started_on', 'changed_on') }}
),

counted as (
    select
        store_id,
        started_on,
        coalesce(device, 'unknown') as device,
        count(*) as sessions,
        count(case when has_product_view then 1 end) as product_view_sessions,
        count(case when has_cart then 1 end) as cart_sessions,
        count(case when has_checkout then 1 end) as checkout_sessions,
        count(case when has_purchase then 1 end) as purchase_sessions
    from sessions
    group by store_id, started_on, coalesce(device, 'unknown')
),

final as (
    select
        store_id,
        started_on,
        device,
        sessions,
        product_view_sessions,
        cart_sessions,
        checkout_sessions,
        purchase_sessions,
        {{ ratio('product_view_sessions', 'sessions', 10) }} as product_view_rate,
        {{ ratio('cart_sessions', 'product_view_sessions', 10) }} as cart_rate,
        {{ ratio('checkout_sessions', 'cart_sessions', 10) }} as checkout_rate,
        {{ ratio('purchase_sessions', 'checkout_sessions', 10) }} as purchase_rate,
        {{ ratio('purchase_sessions', 'sessions', 10) }} as conversion_rate
    from counted
)

select * from final
