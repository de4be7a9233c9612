{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'product_id'],
    changed='changed.raw_products',
    derived=['valid_to', 'is_current', 'applies_to'],
    changed_on=[
        "case when not c.is_first then c.valid_from_on end",
        [
            "least(f.ordered_on, f.cancelled_on)",
            "staging.main.stg_order_items as i on i.store_id = c.store_id and i.product_id = c.product_id"
            ~ " inner join staging.main.stg_orders as f on f.store_id = i.store_id and f.order_id = i.order_id"
            ~ " and (c.is_first or f.ordered_on >= c.valid_from_on)",
        ],
        [
            "r.refunded_on",
            "staging.main.stg_refunds as r on r.store_id = c.store_id and r.product_id = c.product_id"
            ~ " inner join staging.main.stg_orders as f on r.store_id = f.store_id and r.order_id = f.order_id"
            ~ " and (c.is_first or f.ordered_on >= c.valid_from_on)",
        ],
        [
            "f.refunded_on",
            "staging.main.stg_refunds as f on f.store_id = c.store_id and f.product_id = c.product_id"
            ~ " and c.is_first",
        ],
        [
            "f.moved_on",
            "staging.main.stg_inventory_movements as f on f.store_id = c.store_id and f.product_id = c.product_id"
            ~ " and c.is_first",
        ],
        [
            "f.counted_on",
            "staging.main.stg_inventory_counts as f on f.store_id = c.store_id and f.product_id = c.product_id"
            ~ " and c.is_first",
        ],
    ],
) }}
-- depends_on: {{ ref('stg_order_items') }}
-- depends_on: {{ ref('stg_refunds') }}
-- depends_on: {{ ref('stg_inventory_movements') }}
-- depends_on: {{ ref('stg_inventory_counts') }}
-- depends_on: {{ ref('stg_orders') }}
-- Cancellations and refunds are as of their order, also those dated before it.

{%- set attributes = [
    'sku', 'name', 'category', 'subcategory', 'brand', 'supplier',
    'unit_price', 'unit_cost', 'reorder_point', 'is_active',
] %}

{# shops write one code in upper and lower case as it comes: no change of the product #}
{{ history(
    ref('stg_products'), source('changed', 'raw_products'), 'product_id', attributes,
    inferred=true, untracked=['sku']
) }},

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

final as (
    select
        {{ surrogate_key(
            ['spans.store_id', 'spans.product_id', instant_text('spans.valid_from')]
        ) }} as product_key,
        spans.store_id,
        spans.product_id,
        {% for attribute in attributes -%}
        spans.{{ attribute }},
        {% endfor -%}
        spans.is_deleted,
        spans.valid_from,
        spans.valid_to,
        spans.valid_to is null as is_current,
        spans.is_first,
        {{ applies() }},
        {{ local_day('spans.valid_from', 'stores.timezone') }} as valid_from_on
    from spans
    inner join stores on spans.store_id = stores.store_id
)

select * from final
