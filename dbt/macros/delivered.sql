{#- All delivered rows of the changed keys of a raw dataset. `is_live` is false for rows of a
    document that was delivered again later: the newest delivery replaces the whole document. -#}
{% macro delivered(dataset, key) -%}
    select
        rows_.*,
        documents.document_id is null
        or (
            rows_.delivered_on = documents.delivered_on
            and rows_.source_file = documents.source_file
        ) as is_live
    from {{ source('raw', dataset) }} as rows_
    {{ only_changed('rows_', source('changed', dataset), key) }}
    left join {{ ref('stg_documents') }} as documents
        on
            rows_.store_id = documents.store_id
            and rows_.feed = documents.feed
            and rows_.document_id = documents.document_id
{%- endmacro %}

{#- The total order of the versions of a key: missing updated_at first, then delivery day, file
    name, feed, document, row. -#}
{% macro version_order(direction='asc', updated_at=true) -%}
    {%- set nulls = 'nulls first' if direction == 'asc' else 'nulls last' -%}
    {% if updated_at %}updated_at {{ direction }} {{ nulls }}, {% endif -%}
    delivered_on {{ direction }}, source_file {{ direction }},
    feed {{ direction }}, document_id {{ direction }} {{ nulls }}, source_row {{ direction }}
{%- endmacro %}

{#- The place of a row among the versions of its key, as one value that can be compared. -#}
{% macro version_of(rows, dataset) -%}
    (
        {%- if dataset == 'raw_orders' %}
        coalesce({{ rows }}.updated_at, cast('0001-01-01 00:00:00' as timestamp)),
        {%- endif %}
        {{ rows }}.delivered_on, {{ rows }}.source_file, {{ rows }}.feed,
        {%- if dataset != 'raw_fx_rates' %} coalesce({{ rows }}.document_id, ''), {%- endif %}
        {{ rows }}.source_row
    )
{%- endmacro %}

{#- The raw datasets whose rows may belong to a document. -#}
{% macro document_datasets() -%}
    {{ return([
        'raw_customers', 'raw_orders', 'raw_order_items', 'raw_payments', 'raw_refunds',
        'raw_shipments', 'raw_inventory_movements', 'raw_inventory_counts'
    ]) }}
{%- endmacro %}
