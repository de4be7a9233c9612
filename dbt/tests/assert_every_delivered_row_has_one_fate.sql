{{ config(
    meta={
        'dagster': {'ref': {'name': 'stg_order_items'}},
        'description':
            'Identity 2: each accepted row of the lake is current, with its amounts as they were '
            ~ 'delivered, or superseded by a newer one; none is lost, none is made up. Of what was '
            ~ 'judged before, the rows of keys that were delivered again.',
    },
) }}

{#- Every version of a customer, product or campaign stays; of all else the newest row of a key. -#}
{%- set datasets = {
    'raw_orders': [
        'stg_orders', ['order_id'], {
            'shipping_amount': 'shipping_amount', 'order_discount_amount': 'order_discount_amount'
        }
    ],
    'raw_order_items': [
        'stg_order_items', ['order_id', 'line_number'], {
            'quantity': 'quantity',
            'gross_amount': money_mul('delivered.unit_price', 'delivered.quantity'),
            'discount_amount': 'discount_amount',
            'tax_amount': 'tax_amount'
        }
    ],
    'raw_refunds': [
        'stg_refunds', ['refund_id', 'line_number'], {
            'quantity': 'quantity', 'amount': 'amount', 'tax_amount': 'tax_amount'
        }
    ],
    'raw_inventory_movements': [
        'stg_inventory_movements', ['movement_id'], {'quantity': 'quantity'}
    ],
    'raw_campaign_spend': [
        'stg_campaign_spend', ['campaign_id', 'spend_on'], {
            'impressions': 'impressions', 'clicks': 'clicks', 'spend_amount': 'spend_amount'
        }
    ],
    'raw_payments': ['stg_payments', ['payment_id'], {'amount': 'amount', 'status': 'status'}],
    'raw_shipments': ['stg_shipments', ['shipment_id'], {'delivered_at': 'delivered_at'}],
    'raw_inventory_counts': [
        'stg_inventory_counts', ['product_id', 'warehouse_id', 'counted_on'], {
            'quantity_on_hand': 'quantity_on_hand'
        }
    ],
    'raw_fx_rates': [
        'stg_fx_rates', ['rate_on', 'currency_code'], {'rate_to_base': 'rate_to_base'}
    ],
    'raw_customers': ['stg_customers', ['customer_id'], {}],
    'raw_products': ['stg_products', ['product_id'], {'unit_cost': 'unit_cost'}],
    'raw_campaigns': ['stg_campaigns', ['campaign_id'], {'budget_amount': 'budget_amount'}],
} -%}
{%- set histories = ['raw_customers', 'raw_products', 'raw_campaigns'] %}
{%- set lineage = ['feed', 'document_id', 'delivered_on', 'source_file', 'source_row'] %}
with
{% for dataset, (staged, key, amounts) in datasets.items() -%}
{%- set versions = ['updated_at'] if dataset == 'raw_orders' else [] -%}
{%- set delivered_values, held_values = [], [] -%}
{%- for column in key + ['source_row'] -%}
{%- do delivered_values.append('delivered.' ~ column) -%}
{%- do held_values.append('held.' ~ column) -%}
{%- endfor -%}
{%- for column, amount in amounts.items() -%}
{%- do delivered_values.append(amount if '(' in amount else 'delivered.' ~ amount) -%}
{%- do held_values.append('held.' ~ column) -%}
{%- endfor -%}
-- files of which every row is held as it was delivered need no look at their rows
{{ dataset }}_in_doubt as (
    select store_id, feed, source_file
    from (
        select
            delivered.store_id, delivered.feed, delivered.source_file, count(*) as row_count,
            {{ rows_digest(delivered_values) }} as digest
        from {{ source('raw', dataset) }} as delivered
        {{ of_changed('delivered', ref(staged)) }}
        group by delivered.store_id, delivered.feed, delivered.source_file
        union all
        select
            held.store_id, held.feed, held.source_file, -count(*) as row_count,
            -{{ rows_digest(held_values) }} as digest
        from {{ ref(staged) }} as held
        {{ of_changed('held', ref(staged)) }}
        group by held.store_id, held.feed, held.source_file
    ) as files
    group by store_id, feed, source_file
    having sum(row_count) <> 0 or sum(digest) <> 0
),

{%- set in_doubt -%}
where (rows_.store_id, rows_.feed, rows_.source_file) in (
            select (store_id, feed, source_file) from {{ dataset }}_in_doubt
        )
{%- endset %}
{{ dataset }}_compared as (
    select
        coalesce(delivered.store_id, held.store_id) as store_id,
        {%- for column in key %}
        coalesce(delivered.{{ column }}, held.{{ column }}) as {{ column }},
        {%- endfor %}
        {%- for column in lineage + versions %}
        delivered.{{ column }},
        {%- endfor %}
        case
            when delivered.store_id is null then 'made up'
            {%- for column, amount in amounts.items() %}
            when
                held.store_id is not null
                and {{ amount if '(' in amount else 'delivered.' ~ amount }}
                is distinct from held.{{ column }} then 'altered'
            {%- endfor %}
            when held.store_id is not null then 'current'
            else 'not held'
        end as fate
    from (
        select rows_.* from {{ source('raw', dataset) }} as rows_
        {{ of_changed('rows_', ref(staged)) }}
        {{ in_doubt }}
    ) as delivered
    full outer join (
        select rows_.* from {{ ref(staged) }} as rows_
        {{ of_changed('rows_', ref(staged)) }}
        {{ in_doubt }}
    ) as held
        on
            delivered.store_id = held.store_id
            and delivered.feed = held.feed
            {%- for column in key %}
            and delivered.{{ column }} = held.{{ column }}
            {%- endfor %}
            and delivered.source_file = held.source_file
            and delivered.source_row = held.source_row
),

{{ dataset }}_suspects as (
    select * from {{ dataset }}_compared
    where fate <> 'current'
),
{%- if dataset not in histories %}

-- what is held of their keys: few rows, found by reading the keys alone
{{ dataset }}_held as (
    select held.* from {{ ref(staged) }} as held
    {{ of_changed('held', ref(staged)) }}
    where (held.store_id, held.{{ key | join(', held.') }}) in (
        select (store_id, {{ key | join(', ') }}) from {{ dataset }}_suspects
    )
),
{%- endif %}

{% endfor -%}
fates as (
    {% for dataset, (staged, key, amounts) in datasets.items() -%}
    select
        '{{ dataset }}' as dataset,
        suspects.store_id,
        cast(suspects.{{ key[0] }} as varchar(1000)) as row_id,
        case
            when suspects.fate <> 'not held' then suspects.fate
            {%- if dataset not in histories %}
            when newer.store_id is not null then 'superseded'
            {%- endif %}
            when
                suspects.delivered_on < documents.delivered_on
                or (
                    suspects.delivered_on = documents.delivered_on
                    and suspects.source_file < documents.source_file
                ) then 'superseded'
            else 'lost'
        end as fate
    from {{ dataset }}_suspects as suspects
    left join {{ ref('stg_documents') }} as documents
        on
            suspects.store_id = documents.store_id
            and suspects.feed = documents.feed
            and suspects.document_id = documents.document_id
    {%- if dataset not in histories %}
    left join {{ dataset }}_held as newer
        -- a later version of the row
        on
            suspects.store_id = newer.store_id
            {%- for column in key %}
            and suspects.{{ column }} = newer.{{ column }}
            {%- endfor %}
            and {{ version_of('newer', dataset) }} > {{ version_of('suspects', dataset) }}
    {%- endif %}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select dataset, store_id, row_id, fate
from fates
where fate <> 'superseded'
