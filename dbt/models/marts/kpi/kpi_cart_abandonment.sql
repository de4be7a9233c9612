{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='cart_on',
    tail_from='changed_on',
    look_ahead_days=2,
) }}
-- Whether a cart is ordered is known a day later, on a longer day than the clock's at the latest
-- the day after that: as much earlier begins the tail, and sessions are read from a day before, for
-- the store's days begin less than a day before those of UTC.

with stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

horizon as (
    select
        store_horizon.store_id,
        {{ day_start('store_horizon.last_on + 1', 'stores.timezone') }} as ends_at
    from {{ ref('store_horizon') }} as store_horizon
    inner join stores on store_horizon.store_id = stores.store_id
),

sessions as (
    select
        fact_sessions.store_id,
        fact_sessions.session_id,
        fact_sessions.visitor_key,
        fact_sessions.cart_at,
        {{ local_day('fact_sessions.cart_at', 'stores.timezone') }} as cart_on
    from {{ ref('fact_sessions') }} as fact_sessions
    inner join stores on fact_sessions.store_id = stores.store_id
    where
        fact_sessions.cart_at is not null
        {{- and_not_before('fact_sessions.cart_at', 'changed_on', 3) }}
),

carts as (
    select sessions.*
    from sessions
    {{ tail('sessions', 'cart_on', 'changed_on', look_ahead_days=2) }}
),

-- of a later session the first purchase comes soonest, of the cart's own it may come before it
purchases as (
    {% for purchased_at in ['first_purchased_at', 'purchased_at'] -%}
    select
        fact_sessions.store_id,
        fact_sessions.visitor_key,
        fact_sessions.{{ purchased_at }} as bought_at
    from {{ ref('fact_sessions') }} as fact_sessions
    where
        fact_sessions.{{ purchased_at }} is not null
        {{- and_not_before('fact_sessions.' ~ purchased_at, 'changed_on', 3) }}
    {{ "union all" if not loop.last }}
    {% endfor -%}
),

ordered as (
    select carts.store_id, carts.session_id
    from carts
    inner join purchases
        on
            carts.store_id = purchases.store_id
            and carts.visitor_key = purchases.visitor_key
            and carts.cart_at <= purchases.bought_at
            and carts.cart_at + {{ cart_hours() }} > purchases.bought_at
    group by carts.store_id, carts.session_id
),

judged as (
    select
        carts.store_id,
        carts.cart_on,
        ordered.session_id is not null as is_ordered,
        coalesce(carts.cart_at + {{ cart_hours() }} <= horizon.ends_at, false) as is_old_enough
    from carts
    left join ordered
        on carts.store_id = ordered.store_id and carts.session_id = ordered.session_id
    left join horizon on carts.store_id = horizon.store_id
),

counted as (
    select
        store_id,
        cart_on,
        count(*) as carts,
        count(case when not is_old_enough then 1 end) as open_carts,
        count(case when is_old_enough then 1 end) as closed_carts,
        count(case when is_old_enough and is_ordered then 1 end) as ordered_carts,
        count(case when is_old_enough and not is_ordered then 1 end) as abandoned_carts
    from judged
    group by store_id, cart_on
),

final as (
    select
        store_id,
        cart_on,
        carts,
        open_carts,
        closed_carts,
        ordered_carts,
        abandoned_carts,
        {{ ratio('abandoned_carts', 'closed_carts', 10) }} as abandonment_rate
    from counted
)

select * from final
