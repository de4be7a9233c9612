-- Categories, cohort values and basket pairs of any shop, after bare_kpis.sql and from what it has
-- left: ladder, orders, customer_orders, the view counting_lines and the view horizon.
-- Variables: store, currency.
create table kpi_category_performance as
with summed as (
    select date_trunc('month', event_on) as sales_month, coalesce(cast(category as varchar), 'unknown') as category,
        count(distinct product_id) filter (units > 0) as products,
        sum(columns('^(gross|discount|returns|net|cost|margin|net_base)_amount$|units$')) as '\0'
    from ladder left join (select product_key, category from dim_products) using (product_key)
    where line_kind = 'product' group by all
), counted as (
    select date_trunc('month', ordered_on) as sales_month,
        coalesce(cast(category as varchar), 'unknown') as category, count(distinct order_id) as orders
    from counting_lines left join (select product_key, category from dim_products)
        using (product_key)
    where line_kind = 'product' group by all
)
select getvariable('store') as store_id, getvariable('currency') as currency_code,
    s.* replace (if(cost_amount is null, null, margin_amount) as margin_amount),
    coalesce(orders, 0) as orders,
    gross_amount / nullif(sum(gross_amount) over (partition by s.sales_month), 0)
        as gross_share_rate,
    row_number() over (partition by s.sales_month order by gross_amount desc, s.category)
        as gross_rank
from summed as s left join counted using (sales_month, category)
order by sales_month, gross_rank;

create table kpi_cohort_value as
with firsts as (
    select customer_id, cohort_month, ordered_on as first_on
    from customer_orders where order_number = 1
), sizes as (
    select cohort_month, count(*) as cohort_size from firsts group by cohort_month
), aged as (
    select cohort_month, greatest((event_on - first_on) // 30, 0) as bucket,
        sum(net_amount) as net_amount, sum(margin_amount) as margin_amount,
        count(cost_amount) as costs, sum(product_lines) as product_lines,
        sum(costed_lines) as costed_lines
    from ladder inner join firsts using (customer_id)
    where event_on - first_on < 360 group by all
), cells as (
    select *, cast(last_day(cohort_month) + age_days as date) as matures_on,
        matures_on <= (select last_on from horizon) as is_complete
    from sizes, (select cast(unnest(range(30, 361, 30)) as integer) as age_days)
), summed as (
    select c.*, sum(columns('^(net_amount|margin_amount|costs|product_lines|costed_lines)$')) as '\0'
    from cells as c inner join aged as a
        on c.cohort_month = a.cohort_month and bucket * 30 < age_days
    group by all
)
select getvariable('store') as store_id, getvariable('currency') as currency_code,
    cohort_month, age_days, matures_on, cohort_size, is_complete,
    if(is_complete, s.net_amount, null) as net_amount,
    if(is_complete and costs > 0, s.margin_amount, null) as margin_amount,
    if(is_complete, costed_lines / nullif(product_lines, 0), null) as known_cost_rate,
    if(is_complete, s.net_amount, null) / cohort_size as net_per_customer_amount,
    if(is_complete and costs > 0, s.margin_amount, null) / cohort_size
        as margin_per_customer_amount
from summed as s order by cohort_month, age_days;

create table kpi_basket_pairs as
with lines as (
    select distinct date_trunc('month', ordered_on) as sales_month, order_id, product_id
    from counting_lines where line_kind = 'product' and product_id is not null
), counted as (
    select sales_month, product_id, count(*) as product_orders from lines group by all
), months as (
    select order_month as sales_month, count(*) as month_orders,
        greatest(5, cast(ceil(any_value(ordered_products) / count(*)) as bigint)) as least_orders
    from orders inner join (
        select sales_month as order_month, sum(product_orders) as ordered_products
        from counted group by sales_month) using (order_month)
    group by order_month
), products as (
    select *, row_number() over (order by sales_month, product_id) as product_number
    from counted inner join months using (sales_month) where product_orders >= least_orders
), baskets as (
    select order_id, product_number, least_orders
    from lines inner join products using (sales_month, product_id)
), pairs as (
    select a.product_number as one, b.product_number as other, count(*) as pair_orders
    from baskets as a inner join baskets as b
        on a.order_id = b.order_id and a.product_number < b.product_number
    group by one, other having count(*) >= max(a.least_orders)
)
select getvariable('store') as store_id, a.sales_month, a.product_id,
    b.product_id as other_product_id, pair_orders, a.product_orders,
    b.product_orders as other_product_orders, a.month_orders, a.least_orders,
    pair_orders / a.month_orders as support_rate, pair_orders / a.product_orders as confidence_rate,
    pair_orders / b.product_orders as other_confidence_rate,
    pair_orders * a.month_orders / (a.product_orders * b.product_orders) as lift
from pairs inner join products as a on one = a.product_number
inner join products as b on other = b.product_number
order by sales_month, product_id, other_product_id;
