{{ config(materialized='ephemeral') }}

-- The months of a store's data, each with the day as of which its state is told: the month's
-- last day, or the last data day of an unfinished month.
with horizon as (
    select * from {{ ref('store_horizon') }}
),

spanned as (
    select
        store_id,
        last_on,
        {{ month_of('first_on') }} as first_month,
        {{ month_of('last_on') }} as last_month
    from horizon
),

months as (
    {{ date_series('spanned', 'first_month', 'last_month', 'sales_month', 'month') }}
),

final as (
    select
        store_id,
        sales_month,
        least({{ month_end('sales_month') }}, last_on) as as_of_on,
        last_on >= {{ month_end('sales_month') }} as is_complete
    from months
)

select * from final
