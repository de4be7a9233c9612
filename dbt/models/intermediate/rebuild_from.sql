{{ config(materialized='table') }}
-- Everything that may note a change comes first, everything that rewrites a tail comes after.
-- depends_on: {{ ref('stg_documents') }}
-- depends_on: {{ ref('stg_customers') }}
-- depends_on: {{ ref('stg_products') }}
-- depends_on: {{ ref('stg_orders') }}
-- depends_on: {{ ref('stg_order_items') }}
-- depends_on: {{ ref('stg_refunds') }}
-- depends_on: {{ ref('stg_inventory_movements') }}
-- depends_on: {{ ref('stg_campaigns') }}
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
    select store_id, changed_on from {{ source('state', 'changes') }}
),

final as (
    select store_id, {{ month_of('min(changed_on)') }} as rebuild_on
    from changes
    group by store_id
)

select * from final
