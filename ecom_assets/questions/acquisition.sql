/*
number: 26
title: What a new customer costs by channel, and when the money is back
definition: >
  Spend on the campaigns of each marketing channel over all data, the customers whose first counting order
  the store credits to one of them, and spend over customers. The money is back at the age (days since the
  first order, on the store's clock) at which the margins of all these customers together first cover the
  spend: product lines less their cost as of the sale and discount lines, less returns with restocked cost,
  where costs are known; empty while they do not. Customers won lately are counted with what they have
  brought in so far. `no campaign` are those that no known campaign is credited with. A store without any
  spend has no row.
*/
with orders as (
    select store_id, order_id, customer_id, ordered_at, ordered_on, campaign_key
    from fact_sales
    where is_valid and not is_adjustment and customer_id is not null
    group by store_id, order_id, customer_id, ordered_at, ordered_on, campaign_key
    having max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1
),

first_orders as (
    select *
    from orders
    qualify
        row_number() over (
            partition by store_id, customer_id order by ordered_at, order_id
        ) = 1
),

won as (
    select
        f.store_id,
        f.customer_id,
        f.ordered_on as first_on,
        coalesce(
            case when c.store_id <> '0' then coalesce(c.channel, 'unknown') end, 'no campaign'
        ) as channel
    from first_orders as f
    left join dim_campaigns as c on f.campaign_key = c.campaign_key
),

spent as (
    select
        d.store_id,
        coalesce(c.channel, 'unknown') as channel,
        sum(d.spend_amount) as spend_amount
    from fact_campaign_daily as d
    left join dim_campaigns as c on d.campaign_key = c.campaign_key
    group by d.store_id, coalesce(c.channel, 'unknown')
),

lines as (
    select
        store_id, customer_id, ordered_on as event_on,
        case line_kind when 'product' then net_amount - cost_amount else net_amount end
            as margin_amount
    from fact_sales
    where not is_test and line_kind in ('product', 'discount')
    union all
    select
        store_id, customer_id, refunded_on as event_on,
        case
            when line_kind = 'product' and product_id is not null then cost_amount - amount
            else -amount
        end as margin_amount
    from fact_returns
    where not is_test and line_kind in ('product', 'discount')
),

ages as (
    select
        w.store_id,
        w.channel,
        greatest(date_diff('day', w.first_on, l.event_on), 0) as age_days,
        sum(l.margin_amount) as margin_amount
    from won as w
    inner join lines as l on w.store_id = l.store_id and w.customer_id = l.customer_id
    group by w.store_id, w.channel, greatest(date_diff('day', w.first_on, l.event_on), 0)
),

running as (
    select
        store_id,
        channel,
        age_days,
        sum(margin_amount) over (
            partition by store_id, channel order by age_days
            rows between unbounded preceding and current row
        ) as margin_amount
    from ages
),

paid_back as (
    select r.store_id, r.channel, min(r.age_days) as payback_days
    from running as r
    inner join spent as s on r.store_id = s.store_id and r.channel = s.channel
    where r.margin_amount >= s.spend_amount
    group by r.store_id, r.channel
),

customers as (
    select store_id, channel, count(*) as new_customers
    from won
    group by store_id, channel
),

earned as (
    select store_id, channel, sum(margin_amount) as margin_amount
    from ages
    group by store_id, channel
),

channels as (
    select store_id, channel from spent
    union
    select store_id, channel from customers
    where store_id in (select store_id from spent)
)

select
    ch.store_id,
    ch.channel,
    d.currency_code,
    coalesce(s.spend_amount, 0) as spend_amount,
    coalesce(c.new_customers, 0) as new_customers,
    case
        when s.spend_amount is not null
            then cast(round(s.spend_amount / nullif(c.new_customers, 0), 4) as decimal(18, 4))
    end as cac_amount,
    e.margin_amount as margin_to_date_amount,
    p.payback_days
from channels as ch
inner join dim_stores as d on ch.store_id = d.store_id
left join spent as s on ch.store_id = s.store_id and ch.channel = s.channel
left join customers as c on ch.store_id = c.store_id and ch.channel = c.channel
left join earned as e on ch.store_id = e.store_id and ch.channel = e.channel
left join paid_back as p on ch.store_id = p.store_id and ch.channel = p.channel
where ch.store_id = coalesce($store, ch.store_id)
qualify row_number() over (partition by ch.store_id order by ch.channel) <= $limit
order by ch.store_id, ch.channel
