{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'customer_id'],
    changed='changed.raw_customers',
    changed_on=[
        "case when not c.is_first then c.valid_from_on end",
        "case when c.is_first then (select min(f.ordered_on) from staging.main.stg_orders as f"
        ~ " where f.store_id = c.store_id and f.customer_id = c.customer_id) end",
        "case when c.is_first then (select min(f.refunded_on) from staging.main.stg_refunds as f"
        ~ " where f.store_id = c.store_id and f.customer_id = c.customer_id) end",
    ],
) }}
-- depends_on: {{ ref('stg_orders') }}
-- depends_on: {{ ref('stg_refunds') }}

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
