{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'customer_id'],
    changed='changed.raw_customers',
    derived=['valid_to', 'is_current', 'applies_to'],
    changed_on=[
        "case when not c.is_first then c.valid_from_on end",
        [
            "least(f.ordered_on, f.cancelled_on)",
            "staging.main.stg_orders as f on f.store_id = c.store_id and f.customer_id = c.customer_id"
            ~ " and (c.is_first or f.ordered_on >= c.valid_from_on)",
        ],
        [
            "r.refunded_on",
            "staging.main.stg_refunds as r on r.store_id = c.store_id"
            ~ " inner join staging.main.stg_orders as f on r.store_id = f.store_id and r.order_id = f.order_id"
            ~ " and coalesce(r.customer_id, f.customer_id) = c.customer_id"
            ~ " and (c.is_first or f.ordered_on >= c.valid_from_on)",
        ],
        [
            "f.refunded_on",
            "staging.main.stg_refunds as f on f.store_id = c.store_id and f.customer_id = c.customer_id"
            ~ " and c.is_first",
        ],
        [
            "f.started_on",
            "staging.main.int_sessions as f on f.store_id = c.store_id and f.customer_id = c.customer_id"
            ~ " and c.is_first",
        ],
        [
            "p.paid_on",
            "staging.main.stg_orders as f on f.store_id = c.store_id and f.customer_id = c.customer_id"
            ~ " and (c.is_first or f.ordered_on >= c.valid_from_on)"
            ~ " inner join staging.main.stg_payments as p on p.store_id = f.store_id and p.order_id = f.order_id"
            ~ " and p.paid_on < f.ordered_on",
        ],
    ],
) }}
-- depends_on: {{ ref('int_sessions') }}
-- depends_on: {{ ref('stg_orders') }}
-- depends_on: {{ ref('stg_refunds') }}
-- depends_on: {{ ref('stg_payments') }}
-- Cancellations, refunds and payments are as of their order, also those dated before it.

{%- set attributes = [
    'email', 'full_name', 'phone', 'birth_on', 'country_code', 'country_name',
    'region', 'city', 'postal_code', 'segment', 'tier', 'marketing_opt_in', 'created_at',
] %}

{{ history(
    ref('stg_customers'), source('changed', 'raw_customers'), 'customer_id', attributes, inferred=false
) }},

stores as (
    select store_id, timezone from {{ source('raw', 'stores') }}
),

final as (
    select
        {{ surrogate_key(
            ['spans.store_id', 'spans.customer_id', instant_text('spans.valid_from')]
        ) }} as customer_key,
        spans.store_id,
        spans.customer_id,
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
