{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='ordered_on',
    tail_from='changed_on',
) }}
-- Keys lead to dimensions that exist before the fact does.
-- depends_on: {{ ref('dim_date') }}
-- depends_on: {{ ref('dim_customers') }}
-- depends_on: {{ ref('dim_products') }}
-- depends_on: {{ ref('dim_geography') }}
-- depends_on: {{ ref('dim_campaigns') }}

with orders as (
    select stg_orders.*
    from {{ ref('stg_orders') }} as stg_orders
    {{ tail('stg_orders', 'ordered_on', 'changed_on') }}
),

items as (
    select * from {{ ref('stg_order_items') }}
),

shares as (
    select * from {{ ref('int_order_shares') }}
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

customers as (
    select * from {{ ref('int_customer_versions') }}
),

products as (
    select * from {{ ref('int_product_versions') }}
),

campaigns as (
    select * from {{ ref('int_campaign_versions') }}
),

-- what holds for an order holds for all its lines
heads as (
    select
        orders.store_id,
        orders.order_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.ordered_hour,
        coalesce(customers.customer_key, '0') as customer_key,
        orders.customer_id,
        {{ geography_key(
            'orders.ship_country_code', 'orders.ship_country_name', 'orders.ship_region',
            'orders.ship_city'
        ) }} as geography_key,
        coalesce(campaigns.campaign_key, '0') as campaign_key,
        orders.channel,
        orders.coupon_code,
        orders.status as order_status,
        orders.is_valid,
        orders.is_test,
        orders.is_adjustment,
        stores.currency_code,
        {{ fx_rate() }} as fx_rate
    from orders
    inner join stores on orders.store_id = stores.store_id
    {{ rate_of('orders', 'orders.ordered_on') }}
    {{ as_of('customers', 'customers', 'customer_id', 'orders', 'orders.ordered_at') }}
    {{ as_of('campaigns', 'campaigns', 'campaign_id', 'orders', 'orders.ordered_at') }}
    -- an order whose rate is still to come is pending
    where {{ has_its_rate('stores') }}
),

lines as (
    select
        heads.*,
        items.line_number,
        items.product_id,
        items.line_kind,
        items.quantity,
        items.unit_price,
        items.gross_amount,
        items.tax_amount,
        items.discount_amount + coalesce(shares.discount_share, 0) as discount_amount,
        coalesce(shares.shipping_share, 0) as shipping_share
    from items
    inner join heads
        on items.store_id = heads.store_id and items.order_id = heads.order_id
    left join shares
        on
            items.store_id = shares.store_id
            and items.order_id = shares.order_id
            and items.line_number = shares.line_number
),

final as (
    select
        lines.store_id,
        lines.order_id,
        cast(lines.line_number as bigint) as line_number,
        lines.ordered_at,
        lines.ordered_on,
        lines.ordered_hour,
        lines.customer_key,
        lines.customer_id,
        coalesce(products.product_key, '0') as product_key,
        lines.product_id,
        lines.campaign_key,
        lines.geography_key,
        lines.channel,
        lines.coupon_code,
        lines.line_kind,
        lines.order_status,
        lines.is_valid,
        lines.is_test,
        lines.is_adjustment,
        lines.quantity,
        lines.unit_price,
        lines.gross_amount,
        cast(lines.discount_amount as decimal(18, 4)) as discount_amount,
        lines.tax_amount,
        lines.shipping_share as shipping_amount,
        cast(lines.gross_amount - lines.discount_amount as decimal(18, 4)) as net_amount,
        products.unit_cost,
        {{ money_mul('products.unit_cost', 'lines.quantity') }} as cost_amount,
        lines.currency_code,
        lines.fx_rate,
        {{ money_convert('lines.gross_amount - lines.discount_amount', 'lines.fx_rate') }}
            as net_base_amount
    from lines
    {{ as_of('products', 'products', 'product_id', 'lines', 'lines.ordered_at') }}
)

select * from final
{{ in_order_of('ordered_on') }}
