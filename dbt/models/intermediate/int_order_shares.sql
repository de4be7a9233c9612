{{ config(materialized='ephemeral') }}

-- Only orders that have something to share out; weights are the product lines' gross amounts, or
-- one each where no line has any.
with orders as (
    select
        stg_orders.store_id,
        stg_orders.order_id,
        {{ to_units('stg_orders.order_discount_amount') }} as discount_units,
        {{ to_units('stg_orders.shipping_amount') }} as shipping_units
    from {{ ref('stg_orders') }} as stg_orders
    {{ tail('stg_orders', 'ordered_on', 'changed_on') }}
    where stg_orders.order_discount_amount <> 0 or stg_orders.shipping_amount <> 0
),

coins as (
    select
        stores.store_id,
        cast(power(10, 4 - coalesce(currencies.minor_units, 2)) as integer) as coin
    from {{ source('raw', 'stores') }} as stores
    left join {{ ref('currencies') }} as currencies
        on stores.currency_code = currencies.currency_code
),

lines as (
    select
        items.store_id,
        items.order_id,
        items.line_number,
        coins.coin,
        orders.discount_units,
        orders.shipping_units,
        case
            when items.line_kind = 'product' and items.gross_amount > 0
                then {{ to_units('items.gross_amount') }}
            else 0
        end as own_weight,
        case when items.line_kind = 'product' then 1 else 0 end as product_weight
    from {{ ref('stg_order_items') }} as items
    inner join orders
        on items.store_id = orders.store_id and items.order_id = orders.order_id
    inner join coins on items.store_id = coins.store_id
),

weighted as (
    select
        *,
        case
            when sum(own_weight) over (partition by store_id, order_id) > 0 then own_weight
            when sum(product_weight) over (partition by store_id, order_id) > 0
                then product_weight
            else 1
        end as weight
    from lines
),

summed as (
    select
        *,
        sum(weight) over (partition by store_id, order_id) as weights
    from weighted
),

based as (
    select
        *,
        {{ base_share('discount_units', 'weight', 'weights', 'coin') }} as discount_base,
        {{ base_share('shipping_units', 'weight', 'weights', 'coin') }} as shipping_base,
        row_number() over (
            partition by store_id, order_id
            order by
                {{ share_remainder('discount_units', 'weight', 'weights', 'coin') }} desc,
                line_number
        ) as discount_rank,
        row_number() over (
            partition by store_id, order_id
            order by
                {{ share_remainder('shipping_units', 'weight', 'weights', 'coin') }} desc,
                line_number
        ) as shipping_rank
    from summed
),

leftover as (
    select
        *,
        discount_units - sum(discount_base) over (partition by store_id, order_id)
            as discount_left,
        shipping_units - sum(shipping_base) over (partition by store_id, order_id)
            as shipping_left
    from based
),

final as (
    select
        store_id,
        order_id,
        line_number,
        {{ from_units(share('discount_base', 'discount_left', 'discount_rank', 'coin')) }}
            as discount_share,
        {{ from_units(share('shipping_base', 'shipping_left', 'shipping_rank', 'coin')) }}
            as shipping_share
    from leftover
)

select * from final
