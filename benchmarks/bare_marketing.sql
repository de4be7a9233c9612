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
    min(occurred_at) filter (where kind = 'purchase') as first_purchased_at,
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
    cart_at, first_purchased_at, purchased_at, order_id, device, split_part(url, '?', 1) as landing_page, utm_source,
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
        and least(p.purchased_at, greatest(p.first_purchased_at, c.cart_at))
        < c.cart_at + interval 24 hour
)
select getvariable('store') as store_id, cast(local_time(cart_at) as date) as cart_on,
    count(*) as carts, count_if(not is_closed) as open_carts, count_if(is_closed) as closed_carts,
    count_if(is_closed and o.session_id is not null) as ordered_carts,
    count_if(is_closed and o.session_id is null) as abandoned_carts,
    abandoned_carts / nullif(closed_carts, 0) as abandonment_rate
from carts as c left join ordered as o using (session_id) group by cart_on;

create temp table counting_orders as
with counted as (
    select order_id, any_value(ordered_at) as ordered_at,
        any_value(date_trunc('month', ordered_on)) as order_month,
        any_value(customer_id) as customer_id, sum(net_amount) as net_amount,
        sum(net_base_amount) as net_base_amount, sum(net_amount - cost_amount) as margin_amount
    from fact_sales where is_valid
    group by order_id having max(unit_price) > 0
)
select *, customer_id is not null and row_number() over (
    partition by customer_id order by ordered_at, order_id) = 1 as is_first
from counted;

create temp table touches as
with pairs as (
    select o.order_id, s.session_id from counting_orders as o inner join fact_sessions as s
        on o.customer_id = s.customer_id and o.ordered_at >= s.started_at
        and o.ordered_at < s.started_at + interval 30 day
    union
    select o.order_id, s.session_id from counting_orders as o
    inner join fact_sessions as b on o.order_id = b.order_id and o.ordered_at >= b.started_at
    inner join fact_sessions as s on b.visitor_key = s.visitor_key
        and o.ordered_at >= s.started_at and o.ordered_at < s.started_at + interval 30 day
), numbered as (
    select o.*, s.channel_key, s.is_direct,
        if(s.campaign_key = '0', '0', s.utm_campaign) as campaign_id,
        cast(round(1e12 * power(2.0, -date_diff('second', s.started_at, o.ordered_at) / 604800.0))
            as bigint) as decayed,
        row_number() over led as n, count(*) over (partition by o.order_id) as touches
    from pairs inner join counting_orders as o using (order_id)
    inner join fact_sessions as s using (session_id)
    window led as (partition by o.order_id order by s.started_at, s.session_id)
), weighed as (
    select *, coalesce(max(n) filter (where not is_direct) over own, touches) as non_direct,
        sum(decayed) over (partition by order_id order by n) as decayed_until,
        sum(decayed) over own as decayed_total
    from numbered window own as (partition by order_id)
), shared as (
    select *, [1, (n = touches)::integer, (n >= non_direct)::integer, n / touches,
        case when n = touches then 1 when touches = 2 then 0.5
            else 0.4 + 0.2 * (n - 1) / (touches - 2) end,
        decayed_until / decayed_total]::decimal(18, 8)[] as until
    from weighed
)
select *, lag(until, 1, [0, 0, 0, 0, 0, 0]::decimal(18, 8)[]) over (
    partition by order_id order by n) as before
from shared;

create table kpi_attribution as
with models as (
    select unnest(['first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based',
        'time_decay']) as attribution_model, unnest([1, 2, 3, 4, 5, 6]) as m
), credited as (
    select order_month, attribution_model, true as is_attributed, channel_key, campaign_id,
        sum(until[m] - before[m]) as orders,
        sum(round(net_amount::decimal(20, 4) * until[m], 4)
            - round(net_amount::decimal(20, 4) * before[m], 4)) as net_amount,
        sum(round(net_base_amount::decimal(20, 4) * until[m], 4)
            - round(net_base_amount::decimal(20, 4) * before[m], 4)) as net_base_amount,
        sum(round(margin_amount::decimal(20, 4) * until[m], 4)
            - round(margin_amount::decimal(20, 4) * before[m], 4)) as margin_amount
    from touches cross join models where until[m] > before[m] group by all
    union all
    select order_month, attribution_model, false, '0', '0', count(*), sum(net_amount),
        sum(net_base_amount), sum(margin_amount)
    from counting_orders anti join touches using (order_id) cross join models group by all
)
select getvariable('store') as store_id, *, getvariable('currency') as currency_code from credited;

create table kpi_campaign_performance as
with spent as (
    select date_trunc('month', spend_on) as performance_month, campaign_id,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend_amount) as spend_amount,
        sum(spend_base_amount) as spend_base_amount
    from fact_campaign_daily group by all
), brought as (
    select order_month as performance_month, campaign_id, count(*) as attributed_orders,
        count_if(is_first) as attributed_new_customers, sum(net_amount) as attributed_net_amount,
        sum(net_base_amount) as attributed_net_base_amount,
        sum(margin_amount) as attributed_margin_amount
    from touches where until[3] > before[3] and campaign_id <> '0' group by all
)
select getvariable('store') as store_id, performance_month, campaign_id,
    coalesce(campaign_key, '0') as campaign_key, getvariable('currency') as currency_code,
    impressions, clicks, coalesce(spend_amount, 0) as spend_amount,
    coalesce(spend_base_amount, 0) as spend_base_amount,
    coalesce(attributed_orders, 0) as attributed_orders,
    coalesce(attributed_new_customers, 0) as attributed_new_customers,
    coalesce(attributed_net_amount, 0) as attributed_net_amount,
    coalesce(attributed_net_base_amount, 0) as attributed_net_base_amount,
    coalesce(attributed_margin_amount, 0) as attributed_margin_amount,
    clicks / nullif(impressions, 0) as click_rate,
    spent.spend_amount / nullif(clicks, 0) as cost_per_click_amount,
    spent.spend_amount / nullif(brought.attributed_new_customers, 0) as cac_amount,
    brought.attributed_net_amount / nullif(spent.spend_amount, 0) as roas,
    (brought.attributed_margin_amount - spent.spend_amount) / nullif(spent.spend_amount, 0) as roi
from spent full join brought using (performance_month, campaign_id)
left join dim_campaigns as k
    on campaign_id = k.campaign_id
    and performance_month + interval 1 month > k.applies_from at time zone 'UTC'
            at time zone 'Europe/Berlin'
    and performance_month + interval 1 month <= k.applies_to at time zone 'UTC'
            at time zone 'Europe/Berlin';

create or replace table kpi_sales_monthly as
with spent as (
    select date_trunc('month', spend_on) as sales_month, sum(spend_amount) as spend_amount,
        sum(spend_base_amount) as spend_base_amount
    from fact_campaign_daily group by all
)
select m.*, coalesce(spend_amount, 0) as spend_amount,
    coalesce(spend_base_amount, 0) as spend_base_amount,
    m.net_amount / nullif(spend_amount, 0) as mer
from kpi_sales_monthly as m left join spent using (sales_month);
