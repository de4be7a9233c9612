-- Channels, spend and web sessions of a shop that delivers campaigns, and the KPI tables of them, as
-- bare_simmart.sql makes the rest: no contracts, no tests, no history of deliveries.
create temp table sessions as
with placed as (
    select *, case kind when 'page_view' then 0 when 'product_view' then 1 when 'add_to_cart' then 2
            when 'remove_from_cart' then 3 when 'checkout_start' then 4 else 5 end as step,
        [null, 'v', 'a', null, 'c', 'p'][step + 1] as letter
    from raw_events
), ordered as (
    select *, row_number() over visits as event_number,
        coalesce(occurred_at > lag(occurred_at) over visits + interval 30 minute, true) as is_start
    from placed window visits as (partition by visitor_id order by occurred_at, step, event_id)
), numbered as (
    select *, sum(is_start::integer) over (partition by visitor_id order by event_number)
            as session_number,
        if(coalesce(utm_source, utm_medium, utm_campaign) is null, null, event_number) as tagged
    from ordered
)
select visitor_id, min(occurred_at) as started_at,
    cast(local_time(min(occurred_at)) as date) as started_on, max(occurred_at) as ended_at,
    count(*) as events, count_if(kind = 'page_view') as page_views,
    count_if(kind = 'product_view') as product_views,
    string_agg(letter, '' order by event_number) filter (where letter is not null) as steps,
    min(occurred_at) filter (where kind = 'add_to_cart') as cart_at,
    max(occurred_at) filter (where kind = 'purchase') as purchased_at,
    arg_min(order_id, event_number) as order_id, arg_min(customer_id, event_number) as customer_id,
    arg_min(device, event_number) as device, arg_min(url, event_number) as url,
    arg_min(utm_source, tagged) as utm_source, arg_min(utm_medium, tagged) as utm_medium,
    arg_min(utm_campaign, tagged) as utm_campaign
from numbered group by visitor_id, session_number;

create table fact_sessions as
select getvariable('store') as store_id, md5(concat(visitor_id, '|', started_at)) as session_id,
    md5(visitor_id) as visitor_key, coalesce(c.customer_key, '0') as customer_key, s.customer_id,
    started_at, started_on, ended_at, events, page_views, product_views,
    coalesce(steps like '%v%', false) as has_product_view,
    coalesce(steps like '%v%a%', false) as has_cart,
    coalesce(steps like '%v%a%c%', false) as has_checkout,
    coalesce(steps like '%v%a%c%p%', false) as has_purchase,
    cart_at, purchased_at, order_id, device, split_part(url, '?', 1) as landing_page, utm_source,
    utm_medium, utm_campaign, coalesce(k.campaign_key, '0') as campaign_key,
    coalesce(k.channel, utm_medium, utm_source, 'direct') as channel, md5(channel) as channel_key,
    coalesce(utm_source, utm_medium, utm_campaign) is null as is_direct
from sessions as s
left join dim_customers as c
    on s.customer_id = c.customer_id
    and started_at >= c.applies_from and started_at < c.applies_to
left join dim_campaigns as k
    on utm_campaign = k.campaign_id and started_at >= k.applies_from and started_at < k.applies_to;

create table dim_channels as
with channels as (
    select distinct channel, true as is_sales, false as is_marketing from raw_orders
    union all select distinct channel, false, true from dim_campaigns
    union all select distinct channel, false, true from fact_sessions
)
select md5(channel) as channel_key, getvariable('store') as store_id, channel,
    bool_or(is_sales) as is_sales_channel, bool_or(is_marketing) as is_marketing_channel
from channels where channel is not null group by channel;

create table fact_campaign_daily as
select getvariable('store') as store_id, s.campaign_id, s.spend_on,
    coalesce(k.campaign_key, '0') as campaign_key, coalesce(k.channel_key, '0') as channel_key,
    s.impressions, s.clicks, s.spend as spend_amount, getvariable('currency') as currency_code,
    cast(1 as decimal(18, 8)) as fx_rate, in_reports(s.spend, 1) as spend_base_amount
from raw_campaign_spend as s
left join dim_campaigns as k
    on s.campaign_id = k.campaign_id
    and timezone('UTC', timezone('Europe/Berlin', s.spend_on::timestamp)) >= k.applies_from
    and timezone('UTC', timezone('Europe/Berlin', s.spend_on::timestamp)) < k.applies_to;

create table kpi_funnel_daily as
select getvariable('store') as store_id, started_on, device, count(*) as sessions,
    count_if(has_product_view) as product_view_sessions, count_if(has_cart) as cart_sessions,
    count_if(has_checkout) as checkout_sessions, count_if(has_purchase) as purchase_sessions,
    product_view_sessions / sessions as product_view_rate,
    cart_sessions / nullif(product_view_sessions, 0) as cart_rate,
    checkout_sessions / nullif(cart_sessions, 0) as checkout_rate,
    purchase_sessions / nullif(checkout_sessions, 0) as purchase_rate,
    purchase_sessions / sessions as conversion_rate
from fact_sessions group by started_on, device;

create table kpi_cart_abandonment as
with carts as (
    select session_id, visitor_key, cart_at,
        cart_at + interval 24 hour <= (
            select timezone('UTC', timezone('Europe/Berlin', (last_on + 1)::timestamp)) from horizon
        ) as is_closed
    from fact_sessions where cart_at is not null
), ordered as (
    select distinct c.session_id
    from carts as c inner join fact_sessions as p
        on c.visitor_key = p.visitor_key and p.purchased_at >= c.cart_at
        and p.purchased_at < c.cart_at + interval 24 hour
)
select getvariable('store') as store_id, cast(local_time(cart_at) as date) as cart_on,
    count(*) as carts, count_if(not is_closed) as open_carts, count_if(is_closed) as closed_carts,
    count_if(is_closed and o.session_id is not null) as ordered_carts,
    count_if(is_closed and o.session_id is null) as abandoned_carts,
    abandoned_carts / nullif(closed_carts, 0) as abandonment_rate
from carts as c left join ordered as o using (session_id) group by cart_on;
