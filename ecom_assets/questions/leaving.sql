/*
number: 16
title: Who is about to leave
definition: >
  Customers whom the store does not yet take for lost, with one of two `signs`. Silence: they have been without
  an order for longer than they ever were between two counting orders, and for at least half of the days up to
  the lapse point, after which they count as lost: the 90th percentile of the days between orders of all
  customers. Odds: the probability that they still buy (`p_alive`, by BG/NBD, `kpi_customer_value`) is below one
  half; unknown until `ecom analytics` has computed it as of the last data day, and where a store has too few
  customers. As of the last data day; `days_left` are those up to the lapse point, `predicted_value_amount` is
  the net expected of the next 365 days. Those with the largest net sales to date (gross less discounts and
  returns of all orders but tests) first.
*/
with orders as (
    select store_id, order_id, customer_id, ordered_at, ordered_on
    from fact_sales
    where is_valid and not is_adjustment and customer_id is not null
    group by store_id, order_id, customer_id, ordered_at, ordered_on
    having max(case when quantity > 0 and unit_price > 0 then 1 else 0 end) = 1
),

followed as (
    select
        *,
        date_diff(
            'day',
            lag(ordered_on) over (
                partition by store_id, customer_id order by ordered_at, order_id
            ),
            ordered_on
        ) as days_between
    from orders
),

customers as (
    select
        store_id,
        customer_id,
        count(*) as orders,
        max(ordered_on) as last_ordered_on,
        max(days_between) as longest_days_between
    from followed
    group by store_id, customer_id
),

newest as (
    select store_id, as_of_on, lapse_days
    from kpi_customers_monthly
    qualify row_number() over (partition by store_id order by sales_month desc) = 1
),

staying as (
    select
        c.*,
        n.as_of_on,
        n.lapse_days,
        date_diff('day', c.last_ordered_on, n.as_of_on) as recency_days
    from customers as c
    inner join newest as n on c.store_id = n.store_id
    where date_diff('day', c.last_ordered_on, n.as_of_on) <= n.lapse_days
),

signs as (
    select
        s.*,
        v.p_alive,
        v.predicted_value_amount,
        coalesce(s.recency_days > s.longest_days_between, false)
        and s.recency_days * 2 >= s.lapse_days as is_silent,
        coalesce(v.p_alive < 0.5, false) as is_doubtful
    from staying as s
    left join kpi_customer_value as v
        on s.store_id = v.store_id and s.customer_id = v.customer_id and s.as_of_on = v.as_of_on
),

leaving as (
    select
        *,
        case
            when is_silent and is_doubtful then 'silence and odds'
            when is_silent then 'silence'
            else 'odds'
        end as signs
    from signs
    where is_silent or is_doubtful
),

lines as (
    select store_id, customer_id, net_amount
    from fact_sales
    where not is_test and line_kind in ('product', 'discount')
    union all
    select store_id, customer_id, -amount as net_amount
    from fact_returns
    where not is_test and line_kind in ('product', 'discount')
),

brought_in as (
    select store_id, customer_id, sum(net_amount) as net_amount
    from lines
    group by store_id, customer_id
),

-- an order may hold neither products nor discounts
final as (
    select l.*, coalesce(b.net_amount, 0) as net_amount
    from leaving as l
    left join brought_in as b on l.store_id = b.store_id and l.customer_id = b.customer_id
)

select
    f.store_id,
    f.as_of_on,
    f.customer_id,
    f.orders,
    f.last_ordered_on,
    f.recency_days,
    f.longest_days_between,
    f.lapse_days - f.recency_days as days_left,
    f.signs,
    f.p_alive,
    s.currency_code,
    f.net_amount,
    cast(round(f.predicted_value_amount, 2) as decimal(38, 2)) as predicted_value_amount
from final as f
inner join dim_stores as s on f.store_id = s.store_id
where f.store_id = coalesce($store, f.store_id)
qualify
    row_number() over (
        partition by f.store_id order by f.net_amount desc, f.customer_id
    ) <= $limit
order by f.store_id, f.net_amount desc, f.customer_id
