-- The stock of a shop that delivers receipts and counts, after its own script and bare_kpis.sql: from
-- the facts, dim_products and the counts that its script has written to Parquet.
-- Variables: output, store, currency. Macro: in_reports.
create temp table raw_inventory_counts as
select product_id, warehouse as warehouse_id, counted_on, quantity as quantity_on_hand
from read_parquet(getvariable('output') || '/raw_inventory_counts.parquet');

create table dim_warehouses as
select md5(warehouse_id) as warehouse_key, getvariable('store') as store_id, warehouse_id
from (select warehouse_id from fact_inventory_movements union
    select warehouse_id from raw_inventory_counts);

create table fact_inventory_daily as
with happened as (
    select product_id, warehouse_id, moved_on as stock_on, kind, quantity, cost_amount,
        null as counted_quantity
    from fact_inventory_movements
    union all
    select product_id, warehouse_id, counted_on, 'count', 0, null, quantity_on_hand
    from raw_inventory_counts
), by_day as (
    select product_id, warehouse_id, stock_on, count(*) filter (kind <> 'count') as movements,
        coalesce(sum(quantity) filter (kind = 'receipt'), 0) as received_quantity,
        coalesce(-sum(quantity) filter (kind = 'sale'), 0) as sold_quantity,
        coalesce(sum(quantity) filter (kind = 'return'), 0) as returned_quantity,
        coalesce(sum(quantity) filter (kind = 'transfer' and quantity > 0), 0)
            as transferred_in_quantity,
        coalesce(-sum(quantity) filter (kind = 'transfer' and quantity < 0), 0)
            as transferred_out_quantity,
        sum(quantity) as moved, max(counted_quantity) as counted_quantity,
        cast(coalesce(-sum(cost_amount) filter (kind in ('sale', 'return')), 0)
            as decimal(18, 4)) as cost_of_sales_amount
    from happened group by product_id, warehouse_id, stock_on
), running as (
    select *, sum(moved) over until_then as moved_so_far,
        lead(stock_on) over until_then as valid_until_on
    from by_day
    window until_then as (partition by product_id, warehouse_id order by stock_on)
), balanced as (
    select *, moved_so_far + coalesce(last_value(counted_quantity - moved_so_far ignore nulls) over (
            partition by product_id, warehouse_id order by stock_on
            rows between unbounded preceding and current row), 0) as closing_quantity,
        moved_so_far - moved + coalesce(
            last_value(counted_quantity - moved_so_far ignore nulls) over (
                partition by product_id, warehouse_id order by stock_on
                rows between unbounded preceding and 1 preceding), 0) as opening_quantity
    from running
)
select getvariable('store') as store_id, b.* exclude (moved, moved_so_far),
    md5(warehouse_id) as warehouse_key, coalesce(p.product_key, '0') as product_key,
    closing_quantity - opening_quantity - received_quantity + sold_quantity - returned_quantity
        as adjusted_quantity,
    counted_quantity - opening_quantity - moved as count_difference_quantity, p.unit_cost,
    getvariable('currency') as currency_code, cast(1 as decimal(18, 8)) as fx_rate,
    cast(p.unit_cost * closing_quantity as decimal(18, 4)) as closing_value_amount,
    in_reports(closing_value_amount, fx_rate) as closing_value_base_amount,
    in_reports(cost_of_sales_amount, fx_rate) as cost_of_sales_base_amount
from balanced as b left join dim_products as p
    on b.product_id = p.product_id
    and timezone('UTC', timezone('Europe/Berlin', (stock_on + 1)::timestamp)) > p.applies_from
    and timezone('UTC', timezone('Europe/Berlin', (stock_on + 1)::timestamp)) <= p.applies_to;

create temp table inactive as
select product_id, cast(local_time(applies_from) as date) as off_from_on,
    cast(local_time(applies_to) as date) as off_until_on
from dim_products where not is_active;

create table kpi_inventory_status as
with spans as (
    select f.*, last_on as as_of_on,
        least(coalesce(valid_until_on, last_on + 1), last_on + 1) as until_on,
        min(stock_on) filter (
            received_quantity > 0 or transferred_in_quantity > 0 or counted_quantity is not null
        ) over (partition by product_id, warehouse_id) as stocked_from_on
    from fact_inventory_daily as f, horizon where stock_on <= last_on
), days as (
    select product_id, warehouse_id, closing_quantity, sold_quantity, until_on - stock_on as days
    from spans where stock_on >= stocked_from_on
    union all
    select product_id, warehouse_id, closing_quantity,
        if(stock_on >= off_from_on, -sold_quantity, 0),
        greatest(stock_on, off_from_on) - least(until_on, off_until_on)
    from spans inner join inactive using (product_id)
    where stock_on >= stocked_from_on and stock_on < off_until_on and until_on > off_from_on
), active as (
    select product_id, warehouse_id, sum(if(closing_quantity > 0, days, 0)) as in_stock_days,
        sum(if(closing_quantity <= 0, days, 0)) as stock_out_days,
        sum(if(closing_quantity > 0, sold_quantity, 0)) as in_stock_units
    from days group by product_id, warehouse_id
), held as (
    select store_id, product_id, warehouse_key, warehouse_id, as_of_on, currency_code,
        max(stock_on) filter (movements > 0) as last_moved_on,
        max(stock_on) filter (counted_quantity is not null) as last_counted_on,
        any_value(closing_quantity) filter (until_on > as_of_on) as on_hand_quantity,
        any_value(closing_value_amount) filter (until_on > as_of_on) as value_amount,
        any_value(closing_value_base_amount) filter (until_on > as_of_on) as value_base_amount
    from spans group by all
)
select h.*, greatest(on_hand_quantity, 0) as available_quantity, p.name as product_name,
    p.category, coalesce(p.is_active, true) as is_active, p.reorder_point,
    available_quantity <= p.reorder_point as is_below_reorder, in_stock_days, stock_out_days,
    stock_out_days / nullif(in_stock_days + stock_out_days, 0) as stock_out_rate,
    in_stock_units / nullif(in_stock_days, 0) as mean_daily_units,
    if(available_quantity = 0, 0, available_quantity * in_stock_days / nullif(in_stock_units, 0))
        as days_of_supply,
    available_quantity > 0 and in_stock_units = 0 as is_supply_infinite
from held as h left join active using (product_id, warehouse_id)
left join dim_products as p on h.product_id = p.product_id and is_current
order by product_id, warehouse_id;

create table kpi_inventory_turnover as
with spans as (
    select m.*, f.* exclude (store_id), stock_on >= sales_month as is_of_month,
        greatest(stock_on, sales_month) as from_on,
        least(coalesce(valid_until_on, as_of_on + 1), as_of_on + 1) as until_on
    from fact_inventory_daily as f inner join month_ends as m
        on stock_on <= as_of_on and coalesce(valid_until_on, date '9999-12-31') > sales_month
), summed as (
    select sales_month as stock_month, as_of_on, is_complete, product_id,
        as_of_on + 1 - min(from_on) as stocked_days,
        sum(case when not is_of_month then closing_quantity
            when stock_on = sales_month then opening_quantity else 0 end) as opening_quantity,
        sum(if(is_of_month, received_quantity, 0)) as received_quantity,
        sum(if(is_of_month, sold_quantity, 0)) as sold_quantity,
        sum(if(is_of_month, returned_quantity, 0)) as returned_quantity,
        sum(if(is_of_month, adjusted_quantity, 0)) as adjusted_quantity,
        sum(if(until_on > as_of_on, closing_quantity, 0)) as closing_quantity,
        sum(if(is_of_month, cost_of_sales_amount, 0)) as cost_of_sales_amount,
        sum(if(is_of_month, cost_of_sales_base_amount, 0)) as cost_of_sales_base_amount,
        sum(closing_value_amount * (until_on - from_on)) / stocked_days as average_value_amount,
        sum(closing_value_base_amount * (until_on - from_on)) / stocked_days
            as average_value_base_amount
    from spans group by sales_month, as_of_on, is_complete, product_id
), by_product as (
    select product_id, stock_on, sum(sum(closing_quantity - opening_quantity)) over until_then
            as closing_quantity,
        bool_or(bool_or(received_quantity > 0 or transferred_in_quantity > 0
            or counted_quantity is not null)) over until_then as is_known,
        coalesce(lead(stock_on) over until_then, date '9999-12-31') as valid_until_on
    from fact_inventory_daily group by product_id, stock_on
    window until_then as (partition by product_id order by stock_on)
), stocked as (
    select sales_month, product_id, closing_quantity, greatest(stock_on, sales_month) as from_on,
        least(valid_until_on, as_of_on + 1) as until_on
    from by_product inner join month_ends
        on is_known and stock_on <= as_of_on and valid_until_on > sales_month
), active as (
    select sales_month, product_id, sum(days) as active_days,
        sum(if(closing_quantity <= 0, days, 0)) as stock_out_days
    from (
        select sales_month, product_id, closing_quantity, until_on - from_on as days from stocked
        union all
        select sales_month, product_id, closing_quantity,
            greatest(from_on, off_from_on) - least(until_on, off_until_on)
        from stocked inner join inactive using (product_id)
        where from_on < off_until_on and until_on > off_from_on
    )
    group by sales_month, product_id
)
select getvariable('store') as store_id, s.*, getvariable('currency') as currency_code,
    p.name as product_name, p.category,
    cost_of_sales_amount / nullif(average_value_amount, 0) as turnover,
    least(1, sold_quantity / nullif(opening_quantity + received_quantity, 0)) as sell_through_rate,
    coalesce(active_days, 0) as active_days, coalesce(stock_out_days, 0) as stock_out_days,
    stock_out_days / nullif(active_days, 0) as stock_out_rate
from summed as s
left join active on stock_month = sales_month and s.product_id = active.product_id
left join dim_products as p
    on s.product_id = p.product_id
    and timezone('UTC', timezone('Europe/Berlin', (s.as_of_on + 1)::timestamp)) > p.applies_from
    and timezone('UTC', timezone('Europe/Berlin', (s.as_of_on + 1)::timestamp)) <= p.applies_to
order by stock_month, product_id;
