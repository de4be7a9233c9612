{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='refunded_on',
    tail_from='changed_on',
) }}
-- Keys lead to dimensions that exist before the fact does.
-- depends_on: {{ ref('dim_customers') }}
-- depends_on: {{ ref('dim_products') }}
-- depends_on: {{ ref('dim_geography') }}
-- depends_on: {{ ref('rebuild_from') }}

with refunds as (
    select * from {{ ref('int_return_lines') }}
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

final as (
    select
        refunds.store_id,
        refunds.refund_id,
        cast(refunds.line_number as bigint) as line_number,
        refunds.line_kind,
        refunds.order_id,
        coalesce(products.product_key, '0') as product_key,
        refunds.product_id,
        coalesce(customers.customer_key, '0') as customer_key,
        refunds.customer_id,
        {{ geography_key(
            'refunds.country_code', 'refunds.country_name', 'null', 'null'
        ) }} as geography_key,
        refunds.refunded_at,
        refunds.refunded_on,
        refunds.refunded_hour,
        refunds.ordered_on,
        refunds.is_test,
        refunds.quantity,
        refunds.amount,
        refunds.tax_amount,
        case
            when refunds.is_restocked
                then {{ money_mul('products.unit_cost', 'refunds.quantity') }}
            when products.unit_cost is not null then cast(0 as decimal(18, 4))
        end as cost_amount,
        refunds.reason,
        refunds.origin,
        stores.currency_code,
        {{ fx_rate() }} as fx_rate,
        {{ money_convert('refunds.amount', fx_rate()) }}
            as base_amount
    from refunds
    inner join stores on refunds.store_id = stores.store_id
    {{ rate_of('refunds', 'refunds.refunded_on') }}
    {{ as_of('customers', 'customers', 'customer_id', 'refunds', 'refunds.as_of_at') }}
    {{ as_of('products', 'products', 'product_id', 'refunds', 'refunds.as_of_at') }}
    where {{ has_its_rate('stores') }}
)

select * from final
{{ in_order_of('refunded_on') }}
