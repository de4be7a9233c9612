-- The KPI tables of any shop, from what its own script has left: the facts, dim_products, the view
-- counting_lines (the lines whose orders count) and the view horizon (first_on, last_on).
-- Variables: segments, countries, store, currency. Macro: in_reports.
create temp table orders as
select order_id, any_value(ordered_at) as ordered_at, any_value(ordered_on) as ordered_on,
    any_value(ordered_hour) as ordered_hour, any_value(customer_id) as customer_id,
    any_value(country_name) as country_name, sum(gross_amount) as priced_amount,
    date_trunc('month', any_value(ordered_on)) as order_month
from counting_lines group by order_id;

create temp table customer_orders as
select order_id, customer_id, ordered_on, order_month, priced_amount,
    row_number() over in_order as order_number,
    ordered_on - lag(ordered_on) over in_order as days_since_previous,
    min(order_month) over (partition by customer_id) as cohort_month
from orders where customer_id is not null
window in_order as (partition by customer_id order by ordered_at, order_id);

create temp table month_ends as
select cast(unnest(generate_series(
        date_trunc('month', first_on), last_on, interval 1 month)) as date) as sales_month,
    least(last_day(sales_month), last_on) as as_of_on,
    last_day(sales_month) <= last_on as is_complete
from horizon;

create temp table ladder as
with events as (
    select ordered_on as event_on, ordered_hour as event_hour, ordered_on, customer_id, product_key,
        product_id, country_name, line_kind, gross_amount as gross, net_amount as net,
        shipping_amount as shipping, tax_amount as tax, cost_amount as cost, 0 as returned,
        in_reports(gross_amount, fx_rate) as gross_base, net_base_amount as net_base,
        in_reports(shipping_amount, fx_rate) as shipping_base,
        in_reports(tax_amount, fx_rate) as tax_base, in_reports(cost_amount, fx_rate) as cost_base,
        0 as returned_base, quantity, 0 as given_back, unit_price > 0 as is_priced, true as is_sale
    from fact_sales where not is_test
    union all
    select refunded_on, refunded_hour, ordered_on, customer_id, product_key, product_id,
        country_name, line_kind, 0, -amount, 0, -tax_amount, -cost_amount, amount, 0, -base_amount,
        0, -in_reports(tax_amount, fx_rate), -in_reports(cost_amount, fx_rate), base_amount, 0, quantity, false, false
    from fact_returns where not is_test
)
select event_on, event_hour, ordered_on, customer_id, product_key, product_id, country_name,
    line_kind, if(line_kind = 'product', gross, 0) as gross_amount,
    case line_kind when 'product' then gross - net - returned when 'discount' then -net else 0 end
        as discount_amount,
    if(line_kind = 'product', returned, 0) as returns_amount,
    gross_amount - discount_amount - returns_amount as net_amount,
    shipping + if(line_kind = 'shipping', net, 0) as shipping_amount,
    tax as tax_amount,
    if(line_kind = 'fee', net, 0) as fee_amount,
    if(line_kind = 'gift_card', net, 0) as gift_card_amount,
    if(line_kind = 'adjustment', net, 0) as adjustment_amount,
    net + shipping + tax as total_amount,
    if(line_kind = 'product', cost, null) as cost_amount,
    case when line_kind = 'product' and product_id is not null then net - cost
        when line_kind in ('product', 'discount') then net end as margin_amount,
    if(line_kind = 'product', gross_base, 0) as gross_base_amount,
    case line_kind when 'product' then gross_base - net_base - returned_base
        when 'discount' then -net_base else 0 end as discount_base_amount,
    if(line_kind = 'product', returned_base, 0) as returns_base_amount,
    gross_base_amount - discount_base_amount - returns_base_amount as net_base_amount,
    shipping_base + if(line_kind = 'shipping', net_base, 0) as shipping_base_amount,
    tax_base as tax_base_amount,
    if(line_kind = 'fee', net_base, 0) as fee_base_amount,
    if(line_kind = 'gift_card', net_base, 0) as gift_card_base_amount,
    if(line_kind = 'adjustment', net_base, 0) as adjustment_base_amount,
    net_base + shipping_base + tax_base as total_base_amount,
    if(line_kind = 'product', cost_base, null) as cost_base_amount,
    case when line_kind = 'product' and product_id is not null then net_base - cost_base
        when line_kind in ('product', 'discount') then net_base end as margin_base_amount,
    if(line_kind = 'product' and is_priced, quantity, 0) as units,
    if(line_kind = 'product' and not is_priced, quantity, 0) as free_units,
    if(line_kind = 'product', given_back, 0) as returned_units,
    cast(line_kind = 'product' and is_sale as integer) as product_lines,
    cast(line_kind = 'product' and is_sale and cost is not null as integer) as costed_lines
from events;

create table kpi_sales_daily as
with days as (
    select cast(unnest(generate_series(first_on, last_on, interval 1 day)) as date) as sales_on
    from horizon
), counted as (
    select o.ordered_on, count(*) as orders, count(*) filter (order_number = 1) as new_orders,
        count(*) filter (order_number > 1) as returning_orders,
        count(*) filter (o.customer_id is null) as anonymous_orders
    from orders as o left join customer_orders using (order_id) group by o.ordered_on
), by_order_day as (
    select ordered_on, sum(net_amount) as net_by_order_date_amount,
        sum(net_base_amount) as net_by_order_date_base_amount
    from ladder group by ordered_on
), summed as (
    select event_on, sum(columns('(amount|units|lines)$')) as '\0' from ladder group by event_on
)
select getvariable('store') as store_id, sales_on, getvariable('currency') as currency_code,
    coalesce(orders, 0) as orders, coalesce(new_orders, 0) as new_orders,
    coalesce(returning_orders, 0) as returning_orders,
    coalesce(anonymous_orders, 0) as anonymous_orders,
    coalesce(net_by_order_date_amount, 0) as net_by_order_date_amount,
    coalesce(net_by_order_date_base_amount, 0) as net_by_order_date_base_amount,
    net_by_order_date_amount / nullif(orders, 0) as aov,
    net_by_order_date_base_amount / nullif(orders, 0) as aov_base,
    coalesce(columns(s.* exclude (event_on, cost_amount, margin_amount, cost_base_amount,
        margin_base_amount, returned_units, product_lines, costed_lines)), 0) as '\0',
    cost_amount, if(cost_amount is null, null, margin_amount) as margin_amount,
    cost_base_amount, if(cost_amount is null, null, margin_base_amount) as margin_base_amount,
    costed_lines / nullif(product_lines, 0) as known_cost_rate
from days left join counted as c on sales_on = c.ordered_on
left join by_order_day as o on sales_on = o.ordered_on
left join summed as s on sales_on = s.event_on
order by sales_on;

create table kpi_sales_monthly as
with months as (
    select store_id, date_trunc('month', sales_on) as sales_month, currency_code,
        sum(columns('.*_(amount|units|orders)$|^orders$|^units$')) as '\0'
    from kpi_sales_daily group by all
)
select *, last_day(sales_month) <= (select last_on from horizon) as is_complete,
    net_by_order_date_amount / nullif(orders, 0) as aov,
    net_by_order_date_base_amount / nullif(orders, 0) as aov_base,
    net_amount / nullif(greatest(lag(net_amount) over by_month, 0), 0) - 1
        as net_growth_on_month_rate,
    net_amount / nullif(greatest(lag(net_amount, 12) over by_month, 0), 0) - 1
        as net_growth_on_year_rate,
    orders / nullif(lag(orders) over by_month, 0) - 1 as orders_growth_on_month_rate,
    orders / nullif(lag(orders, 12) over by_month, 0) - 1 as orders_growth_on_year_rate
from months window by_month as (order by sales_month) order by sales_month;

create table kpi_sales_hourly as
with counted as (
    select ordered_on, ordered_hour, count(*) as orders from orders group by all
), summed as (
    select event_on, event_hour,
        sum(columns('^(gross|discount|returns|net|total)_(base_)?amount$|^units$')) as '\0'
    from ladder group by event_on, event_hour
)
select getvariable('store') as store_id, event_on as sales_on, event_hour as sales_hour,
    getvariable('currency') as currency_code, coalesce(orders, 0) as orders,
    s.* exclude (event_on, event_hour)
from summed as s left join counted on event_on = ordered_on and event_hour = ordered_hour
order by sales_on, sales_hour;

create table kpi_product_performance as
with summed as (
    select date_trunc('month', event_on) as sales_month, product_id,
        sum(columns('^(gross|discount|returns|net|cost|margin|net_base)_amount$|units$')) as '\0'
    from ladder where line_kind = 'product' group by sales_month, product_id
), ranked as (
    select *, row_number() over by_gross as gross_rank,
        (sum(gross_amount) over by_gross - gross_amount)
            / sum(gross_amount) over (partition by sales_month) as share_before,
        gross_amount / sum(gross_amount) over (partition by sales_month) as gross_share_rate
    from summed window by_gross as (
        partition by sales_month order by gross_amount desc, product_id
        rows between unbounded preceding and current row)
)
select getvariable('store') as store_id, getvariable('currency') as currency_code,
    r.* exclude (share_before)
        replace (if(cost_amount is null, null, margin_amount) as margin_amount),
    p.name as product_name, p.category, case when gross_amount <= 0 then 'C'
    when share_before < 0.80 then 'A' when share_before < 0.95 then 'B' else 'C' end as abc_class
from ranked as r asof left join dim_products as p
    on r.product_id = p.product_id and r.sales_month + interval 1 month > p.valid_from
order by sales_month, gross_rank;

create table kpi_geo_sales as
with counted as (
    select order_month as sales_month, country_name, count(*) as orders,
        count(distinct customer_id) as customers from orders group by all
), summed as (
    select date_trunc('month', event_on) as sales_month, country_name,
        sum(columns('^(gross|discount|returns|net|total)_(base_)?amount$|^units$')) as '\0'
    from ladder group by sales_month, country_name
)
select getvariable('store') as store_id, s.*, coalesce(country_code, country_name) as country_code,
    getvariable('currency') as currency_code, coalesce(c.orders, 0) as orders,
    coalesce(c.customers, 0) as customers
from summed as s left join counted as c using (sales_month, country_name)
left join read_csv(getvariable('countries'), header = true) using (country_name)
order by sales_month, country_name;

create table kpi_customer_rfm as
with customers as (
    select sales_month, as_of_on, customer_id, as_of_on - max(ordered_on) as recency_days,
        count(*) as frequency, sum(priced_amount) as monetary_amount
    from month_ends inner join customer_orders on ordered_on <= as_of_on
    group by sales_month, as_of_on, customer_id
), scored as (
    select * exclude (known),
        5 - (rank() over (partition by sales_month order by recency_days) - 1) * 5 // known
            as recency_score,
        1 + (rank() over (partition by sales_month order by frequency) - 1) * 5 // known
            as frequency_score,
        1 + (rank() over (partition by sales_month order by monetary_amount) - 1) * 5 // known
            as monetary_score
    from (select *, count(*) over (partition by sales_month) as known from customers)
)
select getvariable('store') as store_id, scored.*, getvariable('currency') as currency_code, segment
from scored left join read_csv(getvariable('segments'), header = true) as map
    on scored.recency_score = map.recency_score
    and frequency_score + monetary_score = frequency_monetary_score
order by sales_month, customer_id;

create table kpi_customers_monthly as
with moments as (
    select sales_month, as_of_on, true as is_end from month_ends
    union all select sales_month, sales_month - 1, false from month_ends
), lapse_points as (
    select sales_month, is_end, quantile_disc(days_since_previous, 0.9) as lapse_days
    from moments inner join customer_orders on ordered_on <= as_of_on
    where days_since_previous is not null group by sales_month, is_end
), customers as (
    select sales_month, is_end, customer_id, count(*) as orders,
        as_of_on - max(ordered_on) as recency_days
    from moments inner join customer_orders on ordered_on <= as_of_on
    group by sales_month, is_end, as_of_on, customer_id
), states as (
    select sales_month, customer_id, max(orders) filter (is_end) as orders,
        coalesce(bool_or(recency_days > lapse_days) filter (is_end), false) as is_lapsed,
        coalesce(bool_or(recency_days > lapse_days) filter (not is_end), false) as was_lapsed
    from customers left join lapse_points using (sales_month, is_end)
    group by sales_month, customer_id
), stocks as (
    select sales_month, count(*) as customers_to_date,
        count(*) filter (orders > 1) as repeat_customers,
        count(*) filter (is_lapsed) as lapsed_customers,
        count(*) filter (is_lapsed and not was_lapsed) as churned_customers
    from states group by sales_month
), flows as (
    select order_month as sales_month, count(distinct customer_id) as active_customers,
        count(distinct customer_id) filter (cohort_month = order_month) as new_customers,
        count(distinct customer_id) filter (cohort_month < order_month) as returning_customers
    from customer_orders group by sales_month
)
select getvariable('store') as store_id, m.*, s.* exclude (sales_month), f.* exclude (sales_month), lapse_days,
    repeat_customers / customers_to_date as repeat_rate
from month_ends as m left join stocks as s using (sales_month)
left join flows as f using (sales_month)
left join lapse_points as l on m.sales_month = l.sales_month and is_end
order by m.sales_month;

create table kpi_cohort_retention as
with sizes as (
    select cohort_month, count(distinct customer_id) as cohort_size
    from customer_orders group by cohort_month
), active as (
    select cohort_month, order_month, count(distinct customer_id) as active_customers
    from customer_orders group by cohort_month, order_month
)
select getvariable('store') as store_id, s.*, sales_month as activity_month, is_complete,
    date_diff('month', s.cohort_month, sales_month) as period,
    if(period = 0 or is_complete, coalesce(a.active_customers, 0), null) as active_customers,
    active_customers / cohort_size as retention_rate
from sizes as s inner join month_ends on s.cohort_month <= sales_month
left join active as a on s.cohort_month = a.cohort_month and sales_month = a.order_month
order by s.cohort_month, period;
