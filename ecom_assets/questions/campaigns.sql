/*
number: 25
title: Campaign spend, revenue, ROAS and ROI by attribution model
definition: >
  What each campaign cost over the months asked for, and by each model of attribution the counting orders
  credited to it (in parts) with their net before returns, net over spend (ROAS), and margin (net less cost as
  of the sale, where costs are known) less spend over spend (ROI). Spend counts by its day, orders by theirs;
  null without spend. The largest spend first; a campaign without any brought in orders. `limit` campaigns,
  each with all its models.
limit: 5
parameters:
  model:
    description: how orders are shared among the sessions that led to them
    default: all
    choices: [all, first_touch, last_touch, last_non_direct, linear, position_based, time_decay]
  first_month: {description: the first month (its first day), default: 1900-01-01}
  last_month: {description: the last month (its first day), default: 9999-12-01}
*/
with spent as (
    select
        store_id,
        campaign_id,
        sum(spend_amount) as spend_amount
    from kpi_campaign_performance
    where performance_month between $first_month and $last_month
    group by store_id, campaign_id
),

credited as (
    select
        store_id,
        campaign_id,
        attribution_model,
        sum(orders) as orders,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount
    from kpi_attribution
    where campaign_id <> '0' and order_month between $first_month and $last_month
    group by store_id, campaign_id, attribution_model
),

models as (
    select attribution_model
    from kpi_attribution
    where $model in ('all', attribution_model)
    group by attribution_model
),

known as (
    select store_id, campaign_id from spent
    union
    select store_id, campaign_id from credited
),

campaigns as (
    select
        known.store_id,
        known.campaign_id,
        models.attribution_model,
        coalesce(s.spend_amount, 0) as spend_amount,
        coalesce(c.orders, 0) as orders,
        coalesce(c.net_amount, 0) as net_amount,
        case when c.store_id is null then 0 else c.margin_amount end as margin_amount
    from known
    cross join models
    left join spent as s
        on known.store_id = s.store_id and known.campaign_id = s.campaign_id
    left join credited as c
        on
            known.store_id = c.store_id
            and known.campaign_id = c.campaign_id
            and models.attribution_model = c.attribution_model
),

names as (
    select store_id, campaign_id, name, channel
    from dim_campaigns
    where is_current and store_id <> '0'
)

select
    c.store_id,
    c.campaign_id,
    n.name as campaign_name,
    n.channel,
    c.attribution_model,
    s.currency_code,
    c.spend_amount,
    c.orders,
    c.net_amount,
    c.margin_amount,
    cast(round(c.net_amount / nullif(c.spend_amount, 0), 6) as decimal(18, 6)) as roas,
    cast(round(
        (c.margin_amount - c.spend_amount) / nullif(c.spend_amount, 0), 6
    ) as decimal(18, 6)) as roi
from campaigns as c
inner join dim_stores as s on c.store_id = s.store_id
left join names as n on c.store_id = n.store_id and c.campaign_id = n.campaign_id
where c.store_id = coalesce($store, c.store_id)
qualify
    dense_rank() over (
        partition by c.store_id order by c.spend_amount desc, c.campaign_id
    ) <= $limit
order by c.store_id, c.spend_amount desc, c.campaign_id, c.attribution_model
