{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'order_id'],
    changed='changed.raw_orders',
    changed_on=[
        "c.ordered_on",
        "c.cancelled_on",
        [
            "cast(r.refunded_at - interval 1 day as date)",
            "staging.raw.raw_refunds as r on r.store_id = c.store_id and r.order_id = c.order_id",
        ],
        [
            "cast(p.paid_at - interval 1 day as date)",
            "staging.raw.raw_payments as p on p.store_id = c.store_id and p.order_id = c.order_id"
            ~ " and p.paid_at < c.ordered_at",
        ],
    ],
) }}
-- Refunds take customer, country and day from their order, payments its customer and state, even
-- those dated before it: a changed order changes them too.

with delivered as (
    {{ delivered('raw_orders', ['order_id']) }}
),

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

countries as (
    select country_name, country_code from {{ ref('countries') }}
),

-- the state history counts every version, also of documents delivered again
versions as (
    {{ versions('delivered', ['order_id'], updated_at=true) }}
),

positioned as (
    select
        versions.*,
        stores.timezone,
        versions.status in ('cancelled', 'voided') as is_off
    from versions
    inner join stores on versions.store_id = stores.store_id
),

newest as (
    select * from positioned
    where is_live and recency = 1
),

-- an order is off since the first of the versions that all say so
off_orders as (
    select
        positioned.store_id,
        positioned.order_id,
        coalesce(
            min(case when not positioned.is_off then positioned.recency end) - 1,
            max(positioned.recency)
        ) as recency
    from positioned
    inner join newest
        on positioned.store_id = newest.store_id and positioned.order_id = newest.order_id
    where newest.is_off
    group by positioned.store_id, positioned.order_id
),

off_days as (
    select
        positioned.store_id,
        positioned.order_id,
        coalesce(
            {{ local_day('positioned.updated_at', 'positioned.timezone') }},
            positioned.delivered_on
        ) as off_on
    from positioned
    inner join off_orders
        on
            positioned.store_id = off_orders.store_id
            and positioned.order_id = off_orders.order_id
            and positioned.recency = off_orders.recency
),

final as (
    select
        newest.store_id,
        newest.order_id,
        newest.customer_id,
        newest.ordered_at,
        {{ local_day('newest.ordered_at', 'newest.timezone') }} as ordered_on,
        cast(extract(hour from {{ local_time('newest.ordered_at', 'newest.timezone') }}) as integer)
            as ordered_hour,
        newest.status,
        off_days.off_on as cancelled_on,
        not newest.is_test and not newest.is_off as is_valid,
        newest.is_test,
        newest.is_adjustment,
        newest.channel,
        newest.campaign_id,
        newest.coupon_code,
        coalesce(newest.ship_country_code, countries.country_code) as ship_country_code,
        coalesce(newest.ship_country_name, newest.ship_country_code) as ship_country_name,
        newest.ship_region,
        newest.ship_city,
        newest.ip_address,
        newest.device_id,
        newest.shipping_amount,
        newest.order_discount_amount,
        newest.presentment_currency_code,
        newest.presentment_amount,
        newest.updated_at,
        newest.feed,
        newest.document_id,
        newest.first_delivered_on,
        newest.delivered_on,
        newest.source_file,
        newest.source_row
    from newest
    left join off_days
        on newest.store_id = off_days.store_id and newest.order_id = off_days.order_id
    left join countries on newest.ship_country_name = countries.country_name
)

select * from final
{{ in_order_of('ordered_on') }}
