{{ config(materialized='table') }}
-- Everything that may note a change comes first, everything that rewrites a tail comes after.
-- depends_on: {{ ref('stg_orders') }}
-- depends_on: {{ ref('stg_order_items') }}
-- depends_on: {{ ref('stg_refunds') }}
-- depends_on: {{ ref('stg_inventory_movements') }}
-- depends_on: {{ ref('stg_campaign_spend') }}
-- depends_on: {{ ref('stg_payments') }}
-- depends_on: {{ ref('stg_shipments') }}
-- depends_on: {{ ref('stg_inventory_counts') }}
-- depends_on: {{ ref('stg_fx_rates') }}
-- depends_on: {{ ref('int_customer_versions') }}
-- depends_on: {{ ref('int_product_versions') }}
-- depends_on: {{ ref('int_stocked_stores') }}
-- depends_on: {{ ref('int_campaign_versions') }}
-- depends_on: {{ ref('int_sessions') }}
-- depends_on: {{ ref('int_horizon') }}
-- depends_on: {{ ref('int_overdue_shipments') }}

with changes as (
    select
        store_id,
        coalesce(min(changed_on), cast('9999-12-31' as date)) as changed_on,
        min(orders_on) as orders_on
    from {{ source('state', 'changes') }}
    group by store_id
),

final as (
    select
        store_id,
        changed_on,
        {{ month_of('changed_on') }} as changed_month,
        {{ month_of('least(changed_on, orders_on)') }} as rebuild_on
    from changes
)

select * from final
