-- Identity 2: each accepted row of the lake is current, or superseded by a newer one; none is lost,
-- none is made up.
{{ config(meta={'dagster': {'ref': {'name': 'stg_order_items'}}}) }}

{%- set datasets = {
    'raw_orders': ['stg_orders', ['order_id']],
    'raw_order_items': ['stg_order_items', ['order_id', 'line_number']],
    'raw_refunds': ['stg_refunds', ['refund_id', 'line_number']],
    'raw_inventory_movements': ['stg_inventory_movements', ['movement_id']],
} %}
with fates as (
    {% for dataset, staged in datasets.items() -%}
    {%- set document = staged[1][0] -%}
    select
        '{{ dataset }}' as dataset,
        coalesce(delivered.store_id, held.store_id) as store_id,
        coalesce(delivered.{{ document }}, held.{{ document }}) as row_id,
        case
            when delivered.store_id is null then 'made up'
            when held.store_id is not null then 'current'
            when newer.store_id is not null then 'superseded'
            when
                delivered.delivered_on < documents.delivered_on
                or (
                    delivered.delivered_on = documents.delivered_on
                    and delivered.source_file < documents.source_file
                ) then 'superseded'
            else 'lost'
        end as fate
    from {{ source('raw', dataset) }} as delivered
    full outer join {{ ref(staged[0]) }} as held
        on
            delivered.store_id = held.store_id
            and delivered.feed = held.feed
            and delivered.{{ document }} = held.{{ document }}
            and delivered.source_file = held.source_file
            and delivered.source_row = held.source_row
    left join {{ ref('stg_documents') }} as documents
        on
            delivered.store_id = documents.store_id
            and delivered.feed = documents.feed
            and delivered.document_id = documents.document_id
    left join (
        select store_id, document_id, {{ staged[1] | join(', ') }}
        from {{ ref(staged[0]) }}
    ) as newer
        -- a later version of the row, outside of documents or within the same one
        on
            delivered.store_id = newer.store_id
            and delivered.document_id is not distinct from newer.document_id
            {%- for column in staged[1] %}
            and delivered.{{ column }} = newer.{{ column }}
            {%- endfor %}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select dataset, store_id, row_id, fate
from fates
where fate in ('lost', 'made up')
