-- The year's data work without any of our machinery: no contracts, no quarantine, no tests, no
-- history of deliveries. Variables: files, line_kinds, segments. Line rules: data-model.md.
create temp table lines as
with delivered as (
    select *, cast(parse_filename(filename, true) as date) as delivered_on
    from read_csv(getvariable('files'), header = true, filename = true, columns = {
        'InvoiceNo': 'varchar', 'StockCode': 'varchar', 'Description': 'varchar',
        'Quantity': 'bigint', 'InvoiceDate': 'timestamp', 'UnitPrice': 'decimal(18,4)',
        'CustomerID': 'varchar', 'Country': 'varchar'})
)
select
    InvoiceNo as order_id, Quantity as quantity, UnitPrice as unit_price, Country as country_name,
    upper(trim(StockCode)) as product_id, StockCode as sku, trim(Description) as description,
    regexp_extract(CustomerID, '\d+') as customer_id, delivered_on,
    min(InvoiceDate) over (partition by InvoiceNo) as ordered_local,
    timezone('UTC', timezone('Europe/London', ordered_local)) as ordered_at,
    row_number() over (
        partition by InvoiceNo
        order by StockCode, Description nulls first, Quantity, InvoiceDate, UnitPrice
    ) as line_number,
    row_number() over (
        partition by InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice
    ) > 1 as is_duplicate,
    case
        when InvoiceNo like 'C%' then 'credit_note'
        when InvoiceNo like 'A%' then 'adjustment'
        when Quantity > 0 and UnitPrice > 0 then 'sale'
        when Quantity > 0 and UnitPrice = 0 then 'free'
        when Quantity < 0 and UnitPrice = 0 then 'write_off'
    end as line_class,
    case when line_class = 'adjustment' then line_class else coalesce(k.line_kind, 'product') end
        as line_kind
from delivered
left join read_csv(getvariable('line_kinds'), header = true) as k
    on upper(trim(StockCode)) = k.code;

create table dim_customers as
with stated as (
    select distinct customer_id, ordered_at, order_id, country_name
    from lines where customer_id is not null
), changed as (
    select * from stated
    qualify lag(country_name) over (partition by customer_id order by ordered_at, order_id)
        is distinct from country_name
)
select
    md5(concat(customer_id, '|', ordered_at)) as customer_key, customer_id, country_name,
    ordered_at as valid_from,
    lead(ordered_at) over (partition by customer_id order by ordered_at, order_id) as valid_to,
    valid_to is null as is_current
from changed;

create table dim_products as
with named as (
    select product_id, ordered_at, description as name, sku
    from lines where line_class = 'sale' and description <> ''
    qualify row_number() over (
        partition by product_id, delivered_on
        order by ordered_at desc, order_id desc, line_number desc) = 1
), never_named as (
    select product_id, min(ordered_at) as ordered_at, null as name, min(sku) as sku
    from lines where product_id not in (select product_id from named) group by product_id
), changed as (
    select * from (from named union all from never_named)
    window by_time as (partition by product_id order by ordered_at)
    qualify lag(coalesce(name, '')) over by_time is distinct from coalesce(name, '')
)
select
    md5(concat(product_id, '|', ordered_at)) as product_key, product_id, name, sku,
    if(row_number() over by_time = 1, timestamp '1900-01-01', ordered_at) as valid_from,
    lead(ordered_at) over by_time as valid_to, valid_to is null as is_current
from changed window by_time as (partition by product_id order by ordered_at);

create temp table keyed as
select l.*, cast(ordered_local as date) as ordered_on, hour(ordered_local) as ordered_hour,
    coalesce(c.customer_key, '0') as customer_key, p.product_key
from lines as l
asof left join dim_customers as c
    on l.customer_id = c.customer_id and l.ordered_at >= c.valid_from
asof left join dim_products as p on l.product_id = p.product_id and l.ordered_at >= p.valid_from;

create table fact_sales as
select order_id, line_number, ordered_at, ordered_on, ordered_hour, customer_key, customer_id,
    product_key, product_id, country_name, line_kind, line_class, is_duplicate, quantity, unit_price,
    quantity * unit_price as gross_amount, 0::decimal(18, 4) as discount_amount,
    gross_amount - discount_amount as net_amount, 'GBP' as currency_code
from keyed where line_class in ('sale', 'free', 'adjustment');

create table fact_returns as
select order_id as refund_id, line_number, ordered_at as refunded_at, ordered_on as refunded_on,
    ordered_hour, customer_key, customer_id, product_key, product_id, country_name, line_kind,
    is_duplicate, -quantity as quantity, -quantity * unit_price as amount, 'GBP' as currency_code
from keyed where line_class = 'credit_note';

create table fact_inventory_movements as
select concat(order_id, '-', line_number) as movement_id, product_key, product_id,
    'adjustment' as kind, quantity, ordered_at as moved_at, ordered_on as moved_on
from keyed where line_class = 'write_off';

create temp table orders as
select order_id, any_value(ordered_at) as ordered_at, any_value(ordered_on) as ordered_on,
    any_value(ordered_hour) as ordered_hour, any_value(customer_id) as customer_id,
    any_value(country_name) as country_name, sum(gross_amount) as priced_amount,
    any_value(customer_id) is not null and row_number() over (
        partition by any_value(customer_id) order by any_value(ordered_at), order_id) = 1 as is_first
from fact_sales where line_class = 'sale' group by order_id;

create temp table ladder as
with events as (
    select ordered_on as event_on, ordered_hour as event_hour, product_id, country_name, line_kind,
        gross_amount as amount, 0 as returned, quantity, unit_price > 0 as is_priced
    from fact_sales
    union all
    select refunded_on, ordered_hour, product_id, country_name, line_kind, 0, amount, 0, false
    from fact_returns
)
select event_on, event_hour, product_id, country_name, line_kind,
    if(line_kind = 'product', amount, 0) as gross_amount,
    if(line_kind = 'discount', returned - amount, 0) as discount_amount,
    if(line_kind = 'product', returned, 0) as returns_amount,
    gross_amount - discount_amount - returns_amount as net_amount,
    if(line_kind = 'shipping', amount - returned, 0) as shipping_amount,
    if(line_kind = 'fee', amount - returned, 0) as fee_amount,
    if(line_kind = 'gift_card', amount - returned, 0) as gift_card_amount,
    if(line_kind = 'adjustment', amount - returned, 0) as adjustment_amount,
    amount - returned as total_amount,
    if(line_kind = 'product' and is_priced, quantity, 0) as sold_units,
    if(line_kind = 'product' and not is_priced, quantity, 0) as free_units
from events;

create table kpi_sales_daily as
with days as (
    select cast(unnest(generate_series(min(delivered_on), max(delivered_on), interval 1 day))
        as date) as sales_on from lines
), counted as (
    select ordered_on, count(*) as orders, count(*) filter (is_first) as new_orders,
        count(*) filter (customer_id is null) as anonymous_orders from orders group by ordered_on
), summed as (
    select event_on, sum(columns('.*_(amount|units)$')) as '\0' from ladder group by event_on
)
select sales_on, coalesce(orders, 0) as orders, coalesce(new_orders, 0) as new_orders,
    coalesce(anonymous_orders, 0) as anonymous_orders, s.net_amount / nullif(orders, 0) as aov,
    coalesce(columns(s.* exclude (event_on)), 0) as '\0'
from days left join counted on sales_on = ordered_on left join summed as s on sales_on = s.event_on
order by sales_on;

create table kpi_sales_monthly as
with months as (
    select date_trunc('month', sales_on) as sales_month,
        sum(columns('.*_(amount|units|orders)$|^orders$')) as '\0'
    from kpi_sales_daily group by all
)
select *, net_amount / lag(net_amount) over (order by sales_month) - 1 as net_growth_on_month_rate
from months order by sales_month;

create table kpi_sales_hourly as
with counted as (
    select ordered_on, ordered_hour, count(*) as orders from orders group by all
)
select event_on as sales_on, event_hour as sales_hour, any_value(coalesce(orders, 0)) as orders,
    sum(columns('.*_(amount|units)$')) as '\0'
from ladder left join counted on event_on = ordered_on and event_hour = ordered_hour
group by event_on, event_hour order by sales_on, sales_hour;

create table kpi_product_performance as
with summed as (
    select date_trunc('month', event_on) as sales_month, product_id,
        sum(columns('.*_(amount|units)$')) as '\0'
    from ladder where line_kind = 'product' group by sales_month, product_id
), ranked as (
    select *, row_number() over by_gross as gross_rank,
        (sum(gross_amount) over by_gross - gross_amount)
            / sum(gross_amount) over (partition by sales_month) as share_before
    from summed window by_gross as (
        partition by sales_month order by gross_amount desc, product_id
        rows between unbounded preceding and current row)
)
select r.*, p.name as product_name, case when gross_amount <= 0 then 'C'
    when share_before < 0.80 then 'A' when share_before < 0.95 then 'B' else 'C' end as abc_class
from ranked as r asof left join dim_products as p
    on r.product_id = p.product_id and r.sales_month + interval 1 month > p.valid_from
order by sales_month, gross_rank;

create table kpi_geo_sales as
with counted as (
    select date_trunc('month', ordered_on) as sales_month, country_name, count(*) as orders,
        count(distinct customer_id) as customers from orders group by all
), summed as (
    select date_trunc('month', event_on) as sales_month, country_name,
        sum(columns('.*_(amount|units)$')) as '\0' from ladder group by sales_month, country_name
)
select s.*, coalesce(c.orders, 0) as orders, coalesce(c.customers, 0) as customers
from summed as s left join counted as c using (sales_month, country_name)
order by sales_month, country_name;

create table kpi_customer_rfm as
with month_ends as (
    select date_trunc('month', sales_on) as sales_month, max(sales_on) as as_of_on
    from kpi_sales_daily group by all
), customers as (
    select sales_month, as_of_on, customer_id, as_of_on - max(ordered_on) as recency_days,
        count(*) as frequency, sum(priced_amount) as monetary_amount
    from month_ends inner join orders on ordered_on <= as_of_on
    where customer_id is not null group by sales_month, as_of_on, customer_id
), scored as (
    select *, 6 - ntile(5) over (
            partition by sales_month order by recency_days, customer_id) as recency_score,
        ntile(5) over (partition by sales_month order by frequency, customer_id)
            as frequency_score,
        ntile(5) over (partition by sales_month order by monetary_amount, customer_id)
            as monetary_score
    from customers
)
select scored.*, segment
from scored left join read_csv(getvariable('segments'), header = true) as map
    on scored.recency_score = map.recency_score
    and frequency_score + monetary_score = frequency_monetary_score
order by sales_month, customer_id;

create table kpi_cohort_retention as
with active as (
    select customer_id, date_trunc('month', ordered_on) as activity_month,
        min(activity_month) over (partition by customer_id) as cohort_month
    from orders where customer_id is not null
), counted as (
    select cohort_month, activity_month, date_diff('month', cohort_month, activity_month) as period,
        count(distinct customer_id) as active_customers
    from active group by cohort_month, activity_month
)
select *, active_customers
    / first(active_customers) over (partition by cohort_month order by period) as retention_rate
from counted order by cohort_month, period;
