-- Dimensions and facts of SimMart from its files, all thirteen kinds typed and kept, without any of
-- our machinery: no contracts, no quarantine, no tests, no history of deliveries. The tables have
-- the columns of the published ones; the shop is in the currency of the reports, so each rate is 1.
-- Variables: inbox, sheets (the XML of the workbooks' sheets), store, currency. The KPI tables follow
-- in bare_kpis.sql.
create temp macro local_time(moment) as timezone('Europe/Berlin', timezone('UTC', moment));

create temp macro in_reports(amount, rate) as
    if(rate = 1, amount, cast(round(amount * rate, 4) as decimal(18, 4)));

create temp table raw_customers as
from read_csv(getvariable('inbox') || '/simmart_customers/*.csv', header = true, filename = true,
    columns = {
        'customer_id': 'varchar', 'email': 'varchar', 'full_name': 'varchar', 'phone': 'varchar',
        'birth_on': 'date', 'country': 'varchar', 'region': 'varchar', 'city': 'varchar',
        'postal_code': 'varchar', 'segment': 'varchar', 'tier': 'varchar',
        'marketing_opt_in': 'boolean', 'created_at': 'timestamp', 'updated_at': 'timestamp',
        'is_deleted': 'boolean'});

create temp table raw_products as
select *, upper(trim(sku)) as product_id
from read_csv(getvariable('inbox') || '/simmart_products/*.csv', header = true, filename = true,
    columns = {
        'sku': 'varchar', 'name': 'varchar', 'category': 'varchar', 'subcategory': 'varchar',
        'brand': 'varchar', 'supplier': 'varchar', 'unit_price': 'decimal(18,4)',
        'unit_cost': 'decimal(18,4)', 'reorder_point': 'bigint', 'is_active': 'boolean',
        'updated_at': 'timestamp'});

create temp table raw_orders as
from read_csv(getvariable('inbox') || '/simmart_orders/*.csv', header = true, filename = true,
    columns = {
        'order_id': 'varchar', 'customer_id': 'varchar', 'ordered_at': 'timestamp',
        'status': 'varchar', 'channel': 'varchar', 'campaign_id': 'varchar',
        'coupon_code': 'varchar', 'ship_country': 'varchar', 'ship_region': 'varchar',
        'ship_city': 'varchar', 'ip_address': 'varchar', 'device': 'varchar',
        'shipping': 'decimal(18,4)', 'discount': 'decimal(18,4)', 'is_test': 'boolean',
        'updated_at': 'timestamp'})
qualify row_number() over (partition by order_id order by updated_at desc, filename desc) = 1;

create temp table raw_order_items as
select *, upper(trim(sku)) as product_id
from read_csv(getvariable('inbox') || '/simmart_order_items/*.csv', header = true, filename = true,
    columns = {
        'order_id': 'varchar', 'line_number': 'bigint', 'sku': 'varchar', 'quantity': 'bigint',
        'unit_price': 'decimal(18,4)', 'discount': 'decimal(18,4)', 'tax': 'decimal(18,4)'})
qualify row_number() over (partition by order_id, line_number order by filename desc) = 1;

create temp table raw_payments as
from read_json(getvariable('inbox') || '/simmart_payments/*.jsonl', filename = true,
    format = 'newline_delimited', columns = {
        'payment_id': 'varchar', 'order_id': 'varchar', 'method': 'varchar',
        'provider': 'varchar', 'amount': 'decimal(18,4)', 'status': 'varchar',
        'card': 'varchar', 'card_country': 'varchar', 'paid_at': 'timestamp'})
qualify row_number() over (partition by payment_id order by filename desc) = 1;

create temp table raw_refunds as
select *, upper(trim(sku)) as product_id
from read_json(getvariable('inbox') || '/simmart_refunds/*.jsonl', filename = true,
    format = 'newline_delimited', columns = {
        'refund_id': 'varchar', 'line': 'bigint', 'order_id': 'varchar', 'sku': 'varchar',
        'quantity': 'bigint', 'amount': 'decimal(18,4)', 'tax': 'decimal(18,4)',
        'restocked': 'boolean', 'reason': 'varchar', 'refunded_at': 'timestamp'})
qualify row_number() over (partition by refund_id, line order by filename desc) = 1;

create temp table raw_shipments as
from read_csv(getvariable('inbox') || '/simmart_shipments/*.csv', header = true,
    filename = true, columns = {
        'shipment_id': 'varchar', 'order_id': 'varchar', 'carrier': 'varchar',
        'promised_on': 'date', 'shipped_at': 'timestamp', 'delivered_at': 'timestamp'})
qualify row_number() over (partition by shipment_id order by filename desc) = 1;

create temp table raw_inventory_movements as
select *, upper(trim(sku)) as product_id
from read_csv(getvariable('inbox') || '/simmart_inventory_movements/*.csv', header = true,
    filename = true, columns = {
        'movement_id': 'varchar', 'sku': 'varchar', 'warehouse': 'varchar', 'kind': 'varchar',
        'quantity': 'bigint', 'moved_at': 'timestamp'})
qualify row_number() over (partition by movement_id order by filename desc) = 1;

-- a row of a sheet is a line of its XML; days are numbers since a spreadsheet's day 0
copy (
    with cells as (
        select filename, regexp_extract_all(line, '<(?:t|v)>([^<]*)</', 1) as cell
        from read_csv(getvariable('sheets'), header = false, filename = true, auto_detect = false,
            delim = '\x01', quote = '', escape = '', columns = {'line': 'varchar'})
        where line like '<row>%'
    )
    select cell[1] as sku, upper(trim(cell[1])) as product_id, cell[2] as warehouse,
        date '1899-12-30' + cast(cell[3] as integer) as counted_on,
        cast(cell[4] as bigint) as quantity
    from cells
    qualify row_number() over (
        partition by product_id, warehouse, counted_on order by filename desc) = 1
) to (getvariable('output') || '/raw_inventory_counts.parquet') (format parquet);

create temp table raw_campaigns as
from read_csv(getvariable('inbox') || '/simmart_campaigns/*.csv', header = true,
    filename = true, columns = {
        'campaign_id': 'varchar', 'name': 'varchar', 'channel': 'varchar', 'starts_on': 'date',
        'ends_on': 'date', 'budget': 'decimal(18,4)'});

create temp table raw_campaign_spend as
from read_csv(getvariable('inbox') || '/simmart_campaign_spend/*.csv', header = true,
    filename = true, columns = {
        'campaign_id': 'varchar', 'spend_on': 'date', 'impressions': 'bigint',
        'clicks': 'bigint', 'spend': 'decimal(18,4)'})
qualify row_number() over (partition by campaign_id, spend_on order by filename desc) = 1;

create temp table raw_events as
from read_json(getvariable('inbox') || '/simmart_events/*.jsonl', filename = true,
    format = 'newline_delimited', columns = {
        'event_id': 'varchar', 'occurred_at': 'timestamp', 'visitor_id': 'varchar',
        'customer_id': 'varchar', 'kind': 'varchar', 'sku': 'varchar', 'order_id': 'varchar',
        'url': 'varchar', 'utm_source': 'varchar', 'utm_medium': 'varchar',
        'utm_campaign': 'varchar', 'device': 'varchar'})
qualify row_number() over (partition by event_id order by filename desc) = 1;

copy (
    from read_csv(getvariable('inbox') || '/simmart_fx_rates/*.csv', header = true,
        filename = true,
        columns = {'rate_on': 'date', 'currency': 'varchar', 'rate': 'decimal(18,8)'})
    qualify row_number() over (partition by rate_on, currency order by filename desc) = 1
) to (getvariable('output') || '/raw_fx_rates.parquet') (format parquet);

create table dim_customers as
with changed as (
    from raw_customers
    window by_change as (partition by customer_id order by updated_at, filename)
    qualify row_number() over by_change = 1 or lag(row(
            email, full_name, phone, birth_on, country, region, city, postal_code, segment, tier,
            marketing_opt_in, created_at, is_deleted)) over by_change
        is distinct from row(
            email, full_name, phone, birth_on, country, region, city, postal_code, segment, tier,
            marketing_opt_in, created_at, is_deleted)
)
select md5(concat(customer_id, '|', updated_at)) as customer_key,
    getvariable('store') as store_id, customer_id, email, full_name,
    phone, birth_on, country as country_code, country as country_name, region, city, postal_code, segment,
    tier, marketing_opt_in, created_at, is_deleted, updated_at as valid_from,
    lead(updated_at) over by_change as valid_to, valid_to is null as is_current,
    if(row_number() over by_change = 1, timestamp '0001-01-01', valid_from) as applies_from,
    coalesce(valid_to, timestamp '9999-12-31') as applies_to
from changed window by_change as (partition by customer_id order by updated_at, filename);

create table dim_products as
with changed as (
    from raw_products
    window by_version as (partition by product_id order by updated_at, filename)
    qualify row_number() over by_version = 1 or lag(row(
            name, category, subcategory, brand, supplier, unit_price, unit_cost, reorder_point,
            is_active)) over by_version
        is distinct from row(
            name, category, subcategory, brand, supplier, unit_price, unit_cost, reorder_point,
            is_active)
)
select md5(concat(product_id, '|', updated_at)) as product_key, getvariable('store') as store_id,
    product_id, sku, name, category,
    subcategory, brand, supplier, unit_price, unit_cost, reorder_point, is_active,
    false as is_deleted,
    updated_at as valid_from, lead(updated_at) over by_version as valid_to,
    valid_to is null as is_current,
    if(row_number() over by_version = 1, timestamp '0001-01-01', valid_from) as applies_from,
    coalesce(valid_to, timestamp '9999-12-31') as applies_to
from changed window by_version as (partition by product_id order by updated_at, filename);

create table dim_geography as
with places as (
    select ship_country as country_name, ship_region as region, ship_city as city from raw_orders
    union select ship_country, null, null from raw_orders
    union select country_name, region, city from dim_customers
)
select md5(concat_ws('|', country_name, region, city)) as geography_key,
    country_name as country_code, *
from places where country_name is not null;

create table dim_date as
select cast(unnest(generate_series(
        date_trunc('year', min(ordered_on)), last_day(make_date(year(max(ordered_on)), 12, 1)),
        interval 1 day)) as date) as date_on,
    concat(getvariable('store'), '-', date_on) as date_key, getvariable('store') as store_id,
    year(date_on) as year_number, quarter(date_on) as quarter_number,
    month(date_on) as month_number, date_trunc('month', date_on) as month_on,
    day(date_on) as day_of_month, dayofyear(date_on) as day_of_year,
    isodow(date_on) as iso_weekday, iso_weekday >= 6 as is_weekend, isoyear(date_on) as iso_year,
    weekofyear(date_on) as iso_week, year_number as fiscal_year, quarter_number as fiscal_quarter,
    month_number as fiscal_month, (day_of_year - 1) // 7 + 1 as fiscal_week
from (select cast(local_time(ordered_at) as date) as ordered_on from raw_orders);

-- a campaign is told on the day in its file's name
create table dim_campaigns as
with told as (
    select *, timezone('UTC', timezone('Europe/Berlin', cast(regexp_extract(
        filename, '(\d{4}-\d{2}-\d{2})\.csv', 1) as timestamp))) as valid_from
    from raw_campaigns
), changed as (
    from told window by_telling as (partition by campaign_id order by valid_from)
    qualify row_number() over by_telling = 1 or lag(row(name, channel, starts_on, ends_on, budget))
        over by_telling is distinct from row(name, channel, starts_on, ends_on, budget)
)
select md5(concat(campaign_id, '|', valid_from)) as campaign_key,
    getvariable('store') as store_id, campaign_id, name, channel, md5(channel) as channel_key,
    starts_on, ends_on, budget as budget_amount, false as is_deleted, valid_from,
    lead(valid_from) over by_telling as valid_to, valid_to is null as is_current,
    if(row_number() over by_telling = 1, timestamp '0001-01-01', valid_from) as applies_from,
    coalesce(valid_to, timestamp '9999-12-31') as applies_to
from changed window by_telling as (partition by campaign_id order by valid_from);

create temp table placed as
select o.* exclude (status, filename), status as order_status, g.geography_key,
    coalesce(customer_key, '0') as customer_key, coalesce(campaign_key, '0') as campaign_key, local_time(ordered_at) as ordered_local,
    cast(ordered_local as date) as ordered_on, hour(ordered_local) as ordered_hour,
    if(status = 'cancelled', cast(local_time(o.updated_at) as date), null) as cancelled_on,
    not is_test and status <> 'cancelled' as is_valid
from raw_orders as o
left join dim_customers as c
    on o.customer_id = c.customer_id
    and o.ordered_at >= c.applies_from and o.ordered_at < c.applies_to
left join dim_campaigns as k
    on o.campaign_id = k.campaign_id
    and o.ordered_at >= k.applies_from and o.ordered_at < k.applies_to
left join dim_geography as g
    on ship_country = g.country_name and ship_region = g.region and ship_city = g.city;

-- an order's discount and shipping belong to its lines by gross amount, to the cent, by largest
-- remainder
create temp table shares as
with weighed as (
    select order_id, line_number, cast(o.discount * 100 as bigint) as discount,
        cast(o.shipping * 100 as bigint) as shipping,
        cast(quantity * unit_price * 100 as bigint) as weight,
        cast(sum(weight) over (partition by order_id) as bigint) as weights
    from raw_order_items inner join placed as o using (order_id)
    where o.discount <> 0 or o.shipping <> 0
), parted as (
    select *, discount * weight // weights as discount_part,
        shipping * weight // weights as shipping_part,
        row_number() over (
            partition by order_id order by discount * weight % weights desc, line_number
        ) <= discount - sum(discount_part) over (partition by order_id) as has_discount_cent,
        row_number() over (
            partition by order_id order by shipping * weight % weights desc, line_number
        ) <= shipping - sum(shipping_part) over (partition by order_id) as has_shipping_cent
    from weighed
)
select order_id, line_number,
    cast((discount_part + has_discount_cent::bigint) * 0.01 as decimal(18, 4)) as discount_share,
    cast((shipping_part + has_shipping_cent::bigint) * 0.01 as decimal(18, 4)) as shipping_share
from parted;

create table fact_sales as
select getvariable('store') as store_id, o.order_id, i.line_number, o.ordered_at, o.ordered_on, o.ordered_hour, o.customer_key,
    o.customer_id, coalesce(p.product_key, '0') as product_key, i.product_id,
    o.campaign_key, o.geography_key,
    o.ship_country as country_name, o.channel, o.coupon_code, 'product' as line_kind, o.order_status,
    o.is_valid, o.is_test, false as is_adjustment, i.quantity, i.unit_price,
    cast(i.quantity * i.unit_price as decimal(18, 4)) as gross_amount,
    cast(i.discount + coalesce(s.discount_share, 0) as decimal(18, 4)) as discount_amount,
    cast(gross_amount - discount_amount as decimal(18, 4)) as net_amount, i.tax as tax_amount,
    coalesce(s.shipping_share, 0) as shipping_amount, p.unit_cost,
    cast(p.unit_cost * i.quantity as decimal(18, 4)) as cost_amount,
    getvariable('currency') as currency_code, cast(1 as decimal(18, 8)) as fx_rate,
    in_reports(gross_amount - discount_amount, fx_rate) as net_base_amount
from raw_order_items as i inner join placed as o using (order_id)
left join shares as s on i.order_id = s.order_id and i.line_number = s.line_number
left join dim_products as p
    on i.product_id = p.product_id
    and o.ordered_at >= p.applies_from and o.ordered_at < p.applies_to;

-- what was refunded, and of cancelled orders what nobody refunded: lines and shipping
create table fact_returns as
with cancelled as (
    select order_id, cancelled_on,
        timezone('UTC', timezone('Europe/Berlin', cancelled_on::timestamp)) as cancelled_at
    from placed where cancelled_on is not null and not is_test
), sold as (
    select order_id, line_number, line_kind, product_id, quantity, net_amount, tax_amount
    from fact_sales semi join cancelled using (order_id)
    union all
    select order_id, 0, 'shipping', null, 0, sum(shipping_amount), 0
    from fact_sales semi join cancelled using (order_id) group by order_id
), refunded as (
    select order_id, product_id, sum(quantity) as quantity, sum(amount) as amount, sum(tax) as tax
    from raw_refunds semi join cancelled using (order_id) group by order_id, product_id
), given_back as (
    select refund_id, line as line_number, 'product' as line_kind, order_id, product_id,
        refunded_at, local_time(refunded_at) as refunded_local, quantity, amount, tax as tax_amount,
        restocked, reason, 'delivered' as origin
    from raw_refunds
    union all
    select concat('cancelled-', s.order_id), s.line_number, s.line_kind, s.order_id, s.product_id,
        cancelled_at, cancelled_on::timestamp, s.quantity - coalesce(r.quantity, 0),
        s.net_amount - coalesce(r.amount, 0), s.tax_amount - coalesce(r.tax, 0), true, 'cancelled',
        'cancellation'
    from sold as s inner join cancelled using (order_id)
    left join refunded as r on s.order_id = r.order_id and s.product_id = r.product_id
    where s.line_kind = 'product' or s.net_amount <> 0
)
select getvariable('store') as store_id, b.refund_id, b.line_number, b.line_kind, b.order_id,
    coalesce(p.product_key, '0') as product_key, b.product_id, o.customer_key, o.customer_id,
    o.geography_key, o.ship_country as country_name, b.refunded_at,
    cast(b.refunded_local as date) as refunded_on, hour(b.refunded_local) as refunded_hour,
    o.ordered_on, o.is_test, b.quantity, cast(b.amount as decimal(18, 4)) as amount,
    cast(b.tax_amount as decimal(18, 4)) as tax_amount,
    cast(if(b.restocked, b.quantity, 0) * p.unit_cost as decimal(18, 4)) as cost_amount,
    b.reason, b.origin, getvariable('currency') as currency_code,
    cast(1 as decimal(18, 8)) as fx_rate,
    in_reports(cast(b.amount as decimal(18, 4)), fx_rate) as base_amount
from given_back as b inner join placed as o using (order_id)
left join dim_products as p
    on b.product_id = p.product_id
    and o.ordered_at >= p.applies_from and o.ordered_at < p.applies_to;

create table fact_inventory_movements as
select getvariable('store') as store_id, m.movement_id,
    coalesce(p.product_key, '0') as product_key, m.product_id, m.warehouse as warehouse_id,
    md5(m.warehouse) as warehouse_key, m.kind, m.quantity, m.moved_at, cast(local_time(m.moved_at) as date) as moved_on, p.unit_cost,
    cast(p.unit_cost * m.quantity as decimal(18, 4)) as cost_amount
from raw_inventory_movements as m
left join dim_products as p
    on m.product_id = p.product_id
    and m.moved_at >= p.applies_from and m.moved_at < p.applies_to;

create temp view counting_lines as from fact_sales where is_valid and unit_price > 0;

create temp view horizon as
select min(ordered_on) as first_on, max(ordered_on) as last_on from placed;
