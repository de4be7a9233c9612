/*
number: 27
title: From session to order, with drop-off, and abandoned carts
definition: >
  Web sessions by the month in which they began (on the store's clock) that reached each step in the order
  of the steps: product view, cart, checkout, purchase; and the share lost at each of those of the step
  before. A cart is a session with something put in, by the day of that; abandoned is one without a purchase
  of its visitor within 24 hours, of the carts that old. All sums of days. The last `limit` months.
limit: 13
*/
with sessions as (
    select
        store_id,
        cast(date_trunc('month', started_on) as date) as month_on,
        sum(sessions) as sessions,
        sum(product_view_sessions) as product_view_sessions,
        sum(cart_sessions) as cart_sessions,
        sum(checkout_sessions) as checkout_sessions,
        sum(purchase_sessions) as purchase_sessions
    from kpi_funnel_daily
    group by store_id, cast(date_trunc('month', started_on) as date)
),

carts as (
    select
        store_id,
        cast(date_trunc('month', cart_on) as date) as month_on,
        sum(closed_carts) as closed_carts,
        sum(abandoned_carts) as abandoned_carts
    from kpi_cart_abandonment
    group by store_id, cast(date_trunc('month', cart_on) as date)
),

-- a cart may be of a session that began on the last evening of the month before
months as (
    select store_id, month_on from sessions
    union
    select store_id, month_on from carts
)

select
    m.store_id,
    m.month_on,
    cast(coalesce(s.sessions, 0) as bigint) as sessions,
    cast(coalesce(s.product_view_sessions, 0) as bigint) as product_view_sessions,
    cast(coalesce(s.cart_sessions, 0) as bigint) as cart_sessions,
    cast(coalesce(s.checkout_sessions, 0) as bigint) as checkout_sessions,
    cast(coalesce(s.purchase_sessions, 0) as bigint) as purchase_sessions,
    cast(round(1 - s.product_view_sessions / nullif(s.sessions, 0), 6) as decimal(18, 6))
        as view_drop_off_rate,
    cast(round(1 - s.cart_sessions / nullif(s.product_view_sessions, 0), 6) as decimal(18, 6))
        as cart_drop_off_rate,
    cast(round(1 - s.checkout_sessions / nullif(s.cart_sessions, 0), 6) as decimal(18, 6))
        as checkout_drop_off_rate,
    cast(round(1 - s.purchase_sessions / nullif(s.checkout_sessions, 0), 6) as decimal(18, 6))
        as purchase_drop_off_rate,
    cast(round(s.purchase_sessions / nullif(s.sessions, 0), 6) as decimal(18, 6))
        as conversion_rate,
    cast(coalesce(c.closed_carts, 0) as bigint) as closed_carts,
    cast(coalesce(c.abandoned_carts, 0) as bigint) as abandoned_carts,
    cast(round(c.abandoned_carts / nullif(c.closed_carts, 0), 6) as decimal(18, 6))
        as abandonment_rate
from months as m
left join sessions as s on m.store_id = s.store_id and m.month_on = s.month_on
left join carts as c on m.store_id = c.store_id and m.month_on = c.month_on
where m.store_id = coalesce($store, m.store_id)
qualify row_number() over (partition by m.store_id order by m.month_on desc) <= $limit
order by m.store_id, m.month_on
