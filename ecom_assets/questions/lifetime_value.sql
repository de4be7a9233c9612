/*
number: 13
title: Lifetime value by acquisition channel and cohort
definition: >
  Customers by the month of their first counting order and the channel of the campaign that the store
  credits it to (`no campaign` where there is none), and what they have brought in up to the last data day:
  net sales (gross less discounts and returns of all orders but tests) and margin (product lines less their
  cost as of the sale and discount lines, less returns with restocked cost, where costs are known; null where
  none is), in all and per customer. `age_days` are the full days that the youngest of the cohort has behind
  it: compare cohorts of an age, or see `kpi_cohort_value`. Predicted is the net that they are expected to
  bring in the 365 days after the last data day, by BG/NBD and Gamma-Gamma (`kpi_customer_value`), not
  discounted; null until `ecom analytics` has computed it as of that day, and where a store has too few
  customers. The last `limit` cohorts.
limit: 13
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

customers as (
    select
        f.store_id,
        f.customer_id,
        f.ordered_on as first_on,
        cast(date_trunc('month', f.ordered_on) as date) as cohort_month,
        coalesce(
            case when c.store_id <> '0' then coalesce(c.channel, 'unknown') end, 'no campaign'
        ) as channel
    from first_orders as f
    left join dim_campaigns as c on f.campaign_key = c.campaign_key
),

lines as (
    select
        store_id, customer_id, net_amount, cost_amount,
        case line_kind when 'product' then net_amount - cost_amount else net_amount end
            as margin_amount
    from fact_sales
    where not is_test and line_kind in ('product', 'discount')
    union all
    select
        store_id, customer_id, -amount as net_amount, cost_amount,
        case
            when line_kind = 'product' and product_id is not null then cost_amount - amount
            else -amount
        end as margin_amount
    from fact_returns
    where not is_test and line_kind in ('product', 'discount')
),

brought_in as (
    select
        store_id, customer_id,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount,
        count(cost_amount) as known_costs
    from lines
    group by store_id, customer_id
),

-- what was computed as of an earlier day is no prediction of the year to come
predictions as (
    select v.store_id, v.customer_id, v.predicted_value_amount
    from kpi_customer_value as v
    inner join store_horizon as h on v.store_id = h.store_id and v.as_of_on = h.last_on
),

cohorts as (
    select
        c.store_id,
        c.cohort_month,
        c.channel,
        count(*) as customers,
        max(c.first_on) as last_first_on,
        coalesce(sum(b.net_amount), 0) as net_amount,
        case when sum(b.known_costs) > 0 then sum(b.margin_amount) end as margin_amount,
        sum(p.predicted_value_amount) as predicted_value_amount,
        count(p.predicted_value_amount) as predicted_customers
    from customers as c
    left join brought_in as b on c.store_id = b.store_id and c.customer_id = b.customer_id
    left join predictions as p on c.store_id = p.store_id and c.customer_id = p.customer_id
    group by c.store_id, c.cohort_month, c.channel
)

select
    c.store_id,
    c.cohort_month,
    c.channel,
    s.currency_code,
    date_diff('day', c.last_first_on, h.last_on) as age_days,
    c.customers,
    c.net_amount,
    cast(round(c.net_amount / c.customers, 4) as decimal(18, 4)) as net_per_customer_amount,
    c.margin_amount,
    cast(round(c.margin_amount / c.customers, 4) as decimal(18, 4))
        as margin_per_customer_amount,
    cast(round(c.predicted_value_amount, 0) as decimal(38, 0)) as predicted_value_amount,
    cast(round(c.predicted_value_amount / nullif(c.predicted_customers, 0), 2) as decimal(18, 2))
        as predicted_per_customer_amount
from cohorts as c
inner join dim_stores as s on c.store_id = s.store_id
left join store_horizon as h on c.store_id = h.store_id
where c.store_id = coalesce($store, c.store_id)
qualify dense_rank() over (partition by c.store_id order by c.cohort_month desc) <= $limit
order by c.store_id, c.cohort_month, c.channel
