-- Net sales of each day with some: of whole stores, and of categories as of each sale.
with lines as (
    select store_id, product_key, ordered_on as event_on, net_amount
    from warehouse.main.fact_sales
    where not is_test and line_kind = 'product'
    union all
    select store_id, product_key, refunded_on as event_on, -amount as net_amount
    from warehouse.main.fact_returns
    where not is_test and line_kind = 'product'
),

of_categories as (
    select
        lines.store_id,
        coalesce(products.category, 'unknown') as category,
        lines.event_on,
        sum(lines.net_amount) as net_amount
    from lines
    left join warehouse.main.dim_products as products on lines.product_key = products.product_key
    group by lines.store_id, coalesce(products.category, 'unknown'), lines.event_on
),

found as (
    select store_id, 'store' as level, 'all' as category, sales_on as event_on, net_amount
    from warehouse.main.kpi_sales_daily
    union all
    select store_id, 'category' as level, category, event_on, net_amount
    from of_categories
)

select
    f.store_id,
    h.last_on as as_of_on,
    stores.currency_code,
    f.level,
    f.category,
    f.event_on,
    cast(f.net_amount as double) as net_amount
from found as f
inner join warehouse.main.store_horizon as h on f.store_id = h.store_id
inner join warehouse.main.dim_stores as stores on f.store_id = stores.store_id
where f.event_on between h.first_on and h.last_on
order by f.store_id, f.level, f.category, f.event_on
