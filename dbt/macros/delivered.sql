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

{#- The versions of each key of the relation `rows`, which `delivered` made: with the day on which the key
    was first delivered, and `recency`, 1 for the newest, live ones first. Most keys are delivered
    once: only the others are put in order, and the rows stay in the order of their deliveries, so
    that few days lie in a block. No part of a key is ever null. -#}
{% macro versions(rows, key, updated_at=false) -%}
    {%- set key = ['store_id'] + key -%}
    with repeated as (
        select {{ key | join(', ') }} from {{ rows }}
        group by {{ key | join(', ') }}
        having count(*) > 1
    ),

    ranked as (
        select
            r.*,
            min(r.delivered_on) over (
                versions rows between unbounded preceding and unbounded following
            ) as first_delivered_on,
            row_number() over versions as recency
        from {{ rows }} as r
        inner join repeated as k on {{ same_key('r', 'k', key) }}
        window versions as (
            partition by {% for column in key %}r.{{ column }}{{ ", " if not loop.last }}{% endfor %}
            order by r.is_live desc, {{ version_order('desc', updated_at=updated_at, rows='r') }}
        )
    )

    select r.*, r.delivered_on as first_delivered_on, 1 as recency
    from {{ rows }} as r
    left join repeated as k on {{ same_key('r', 'k', key) }}
    where k.store_id is null
    union all
    select * from ranked
{%- endmacro %}

{#- Of these the newest of each key, if it is live. -#}
{% macro newest_version(rows, key) -%}
    select * from (
        {{ versions(rows, key) }}
    ) as versions
    where is_live and recency = 1
{%- endmacro %}

{#- The total order of the versions of a key: missing updated_at first, then delivery day, file
    name, feed, document, row. -#}
{% macro version_order(direction='asc', updated_at=true, rows=none) -%}
    {%- set nulls = 'nulls first' if direction == 'asc' else 'nulls last' -%}
    {%- set of = rows ~ '.' if rows else '' -%}
    {% if updated_at %}{{ of }}updated_at {{ direction }} {{ nulls }}, {% endif -%}
    {{ of }}delivered_on {{ direction }}, {{ of }}source_file {{ direction }},
    {{ of }}feed {{ direction }}, {{ of }}document_id {{ direction }} {{ nulls }},
    {{ of }}source_row {{ direction }}
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
