{{ config(materialized='view') }}

-- The rate of a store's currency to the reporting currency. `rate_on` is null where it holds on
-- every day: a currency's rate to itself is 1, with or without a feed of rates.
with stores as (
    select * from {{ source('raw', 'stores') }}
),

delivered as (
    select * from {{ ref('stg_fx_rates') }}
),

final as (
    select store_id, cast(null as date) as rate_on, cast(1 as decimal(18, 8)) as fx_rate
    from stores
    where currency_code = reporting_currency_code
    union all
    select delivered.store_id, delivered.rate_on, delivered.rate_to_base as fx_rate
    from delivered
    inner join stores
        on
            delivered.store_id = stores.store_id
            and delivered.currency_code = stores.currency_code
    where stores.currency_code <> stores.reporting_currency_code
)

select * from final
