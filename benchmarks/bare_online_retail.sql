-- Dimensions and facts of the year of Online Retail without any of our machinery: no contracts, no
-- quarantine, no tests, no history of deliveries. Facts and KPI tables have the columns of the
-- published ones; the shop is in the currency of the reports, so each rate is 1. Variables: inbox,
-- line_kinds, store, currency. Line rules: docs/data-model.md. The KPI tables follow in
-- bare_kpis.sql.
create temp macro in_reports(amount, rate) as
    if(rate = 1, amount, cast(round(amount * rate, 4) as decimal(18, 4)));

create temp table lines as
with delivered as (
    select *, cast(parse_filename(filename, true) as date) as delivered_on
    from read_csv(getvariable('inbox') || '/online_retail/*.csv', header = true, filename = true,
        columns = {
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
    null as category, if(row_number() over by_time = 1, timestamp '1900-01-01', ordered_at) as valid_from,
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
select getvariable('store') as store_id, order_id, line_number, ordered_at, ordered_on,
    ordered_hour, customer_key, customer_id, product_key, product_id, '0' as campaign_key,
    md5(country_name) as geography_key, country_name, null as channel, 'delivered' as order_status,
    null as coupon_code, line_class = 'adjustment' as is_adjustment,
    true as is_valid, null::decimal(18, 4) as unit_cost, line_kind, line_class, is_duplicate, false as is_test,
    quantity, unit_price, quantity * unit_price as gross_amount,
    0::decimal(18, 4) as discount_amount, gross_amount - discount_amount as net_amount,
    0::decimal(18, 4) as shipping_amount,
    0::decimal(18, 4) as tax_amount, null::decimal(18, 4) as cost_amount,
    getvariable('currency') as currency_code, cast(1 as decimal(18, 8)) as fx_rate,
    in_reports(net_amount, fx_rate) as net_base_amount
from keyed where line_class in ('sale', 'free', 'adjustment');

create table fact_returns as
select getvariable('store') as store_id, order_id as refund_id, line_number,
    null as order_id, md5(country_name) as geography_key, 'credit_note' as reason,
    'delivered' as origin, ordered_at as refunded_at, ordered_on as refunded_on,
    ordered_hour as refunded_hour, ordered_on, customer_key, customer_id, product_key, product_id,
    country_name, line_kind, is_duplicate, false as is_test, -quantity as quantity,
    -quantity * unit_price as amount, 0::decimal(18, 4) as tax_amount,
    null::decimal(18, 4) as cost_amount, getvariable('currency') as currency_code,
    cast(1 as decimal(18, 8)) as fx_rate, in_reports(amount, fx_rate) as base_amount
from keyed where line_class = 'credit_note';

create table fact_inventory_movements as
select getvariable('store') as store_id, concat(order_id, '-', line_number) as movement_id,
    product_key, product_id, 'unknown' as warehouse_id, null::decimal(18, 4) as unit_cost,
    null::decimal(18, 4) as cost_amount, 'adjustment' as kind, quantity, ordered_at as moved_at, ordered_on as moved_on
from keyed where line_class = 'write_off';

create temp view counting_lines as select * from fact_sales where line_class = 'sale';

create temp view horizon as
select min(delivered_on) as first_on, max(delivered_on) as last_on from lines;
