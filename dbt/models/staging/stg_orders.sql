{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'order_id'],
    changed='changed.raw_orders',
    changed_on=[
        'c.ordered_on',
        'c.cancelled_on',
        "(select cast(min(r.refunded_at) - interval 1 day as date) from staging.raw.raw_refunds as r"
        ~ " where r.store_id = c.store_id and r.order_id = c.order_id)",
    ],
) }}
-- Refunds take customer, country and day from their order, even those dated before it: a changed
-- order changes them too.

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
positioned as (
    select
        delivered.*,
        stores.timezone,
        delivered.status in ('cancelled', 'voided') as is_off,
        min(delivered.delivered_on) over (partition by delivered.store_id, delivered.order_id)
            as first_delivered_on,
        row_number() over (
            partition by delivered.store_id, delivered.order_id
            order by delivered.is_live asc, {{ version_order() }}
        ) as version_number
    from delivered
    inner join stores on delivered.store_id = stores.store_id
),

bounded as (
    select
        *,
        1 + coalesce(
            max(case when not is_off then version_number end)
                over (partition by store_id, order_id),
            0
        ) as off_since_version,
        row_number() over (
            partition by store_id, order_id, is_live order by {{ version_order('desc') }}
        ) as recency
    from positioned
),

dated as (
    select
        *,
        max(
            case
                when is_off and version_number = off_since_version
                    then coalesce({{ local_day('updated_at', 'timezone') }}, delivered_on)
            end
        ) over (partition by store_id, order_id) as off_on
    from bounded
),

final as (
    select
        dated.store_id,
        dated.order_id,
        dated.customer_id,
        dated.ordered_at,
        {{ local_day('dated.ordered_at', 'dated.timezone') }} as ordered_on,
        cast(extract(hour from {{ local_time('dated.ordered_at', 'dated.timezone') }}) as integer)
            as ordered_hour,
        dated.status,
        case when dated.is_off then dated.off_on end as cancelled_on,
        not dated.is_test and not dated.is_off as is_valid,
        dated.is_test,
        dated.is_adjustment,
        dated.channel,
        dated.campaign_id,
        dated.coupon_code,
        coalesce(dated.ship_country_code, countries.country_code) as ship_country_code,
        coalesce(dated.ship_country_name, dated.ship_country_code) as ship_country_name,
        dated.ship_region,
        dated.ship_city,
        dated.ip_address,
        dated.device_id,
        dated.shipping_amount,
        dated.order_discount_amount,
        dated.presentment_currency_code,
        dated.presentment_amount,
        dated.updated_at,
        dated.feed,
        dated.document_id,
        dated.first_delivered_on,
        dated.delivered_on,
        dated.source_file,
        dated.source_row
    from dated
    left join countries on dated.ship_country_name = countries.country_name
    where dated.is_live and dated.recency = 1
)

select * from final
