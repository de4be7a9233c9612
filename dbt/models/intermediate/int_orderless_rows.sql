{{ config(
    materialized='incremental',
    incremental_strategy='keys',
    unique_key=['store_id', 'dataset', 'row_id'],
) }}
-- Payments and parcels wait for their order: those that waited, and of all others those of which
-- anything came since, or of whose order. So few are known by then that all are written anew.

with orders as (
    select store_id, order_id from {{ ref('stg_orders') }}
),

{% for dataset, model, key in [
    ('raw_payments', ref('stg_payments'), 'payment_id'),
    ('raw_shipments', ref('stg_shipments'), 'shipment_id'),
] -%}
{%- if not from_the_beginning() %}
{{ dataset }}_in_doubt as (
    select store_id, {{ key }} from {{ source('changed', dataset) }}
    union
    select rows_.store_id, rows_.{{ key }}
    from {{ model }} as rows_
    inner join {{ ref('int_changed_orders') }} as changed
        on rows_.store_id = changed.store_id and rows_.order_id = changed.order_id
    union
    select store_id, row_id as {{ key }} from {{ this }}
    where dataset = '{{ dataset }}'
),

{% endif -%}
{{ dataset }}_judged as (
    select rows_.*
    from {{ model }} as rows_
    {%- if not from_the_beginning() %}
    inner join {{ dataset }}_in_doubt as in_doubt
        on rows_.store_id = in_doubt.store_id and rows_.{{ key }} = in_doubt.{{ key }}
    {%- endif %}
),

{% endfor -%}
final as (
    select
        payments.store_id, 'raw_payments' as dataset, payments.payment_id as row_id,
        payments.first_delivered_on, payments.amount, payments.source_file, payments.source_row
    from raw_payments_judged as payments
    left join orders
        on payments.store_id = orders.store_id and payments.order_id = orders.order_id
    where orders.order_id is null
    union all
    select
        shipments.store_id, 'raw_shipments' as dataset, shipments.shipment_id as row_id,
        shipments.first_delivered_on, cast(null as decimal(18, 4)) as amount,
        shipments.source_file, shipments.source_row
    from raw_shipments_judged as shipments
    left join orders
        on shipments.store_id = orders.store_id and shipments.order_id = orders.order_id
    where orders.order_id is null
)

select * from final
