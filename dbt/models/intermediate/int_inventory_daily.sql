{{ config(
    materialized='incremental',
    incremental_strategy='tail',
    tail_column='stock_on',
    tail_from='changed_on',
    group='facts',
) }}
-- depends_on: {{ ref('rebuild_from') }}

{%- set key = ['store_id', 'product_id', 'warehouse_key'] %}
{%- set days = 'partition by ' ~ key | join(', ') ~ ' order by stock_on' %}

with happened as (
    select * from {{ ref('int_stock_events') }}
),

stores as (
    select * from {{ source('raw', 'stores') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

products as (
    select * from {{ ref('int_product_versions') }}
),

by_day as (
    select
        {{ key | join(', ') }},
        stock_on,
        {% for column, kind, condition in [
            ('received', 'receipt', ''),
            ('sold', 'sale', ''),
            ('returned', 'return', ''),
            ('transferred_in', 'transfer', ' and quantity > 0'),
            ('transferred_out', 'transfer', ' and quantity < 0'),
        ] -%}
        sum(case when kind = '{{ kind }}'{{ condition }} then quantity else 0 end)
            as {{ column }},
        {% endfor -%}
        sum(quantity) as moved,
        count(case when kind not in ('before', 'count') then 1 end) as movements,
        -sum(case when kind in ('sale', 'return') then cost_amount else 0 end) as cost_of_sales,
        count(case when kind in ('sale', 'return') and cost_amount is null then 1 end)
            as uncosted_movements,
        max(counted_quantity) as counted,
        max(case when kind = 'before' then 1 else 0 end) = 1 as is_before
    from happened
    group by {{ key | join(', ') }}, stock_on
),

running as (
    select
        *,
        sum(moved) over ({{ days }} rows between unbounded preceding and current row)
            as moved_so_far
    from by_day
),

-- by how much what the last count found, in the evening of its day, differs from all that has moved
corrected as (
    select
        *,
        {{ last_known('counted - moved_so_far') }} over (
            {{ days }} rows between unbounded preceding and current row
        ) as correction,
        {{ last_known('counted - moved_so_far') }} over (
            {{ days }} rows between unbounded preceding and 1 preceding
        ) as correction_before
    from running
),

balanced as (
    select
        *,
        moved_so_far - moved + coalesce(correction_before, 0) as opening,
        moved_so_far + coalesce(correction, 0) as closing
    from corrected
),

dated as (
    select
        balanced.*,
        stores.currency_code,
        {{ fx_rate() }} as fx_rate,
        {{ moment_before('(balanced.stock_on + 1)', 'stores.timezone') }}
            as evening_at,
        try_cast(balanced.closing as decimal(18, 4)) as priced_quantity,
        case
            when balanced.uncosted_movements = 0
                then try_cast(balanced.cost_of_sales as decimal(18, 4))
        end as cost_of_sales_amount
    from balanced
    inner join stores on balanced.store_id = stores.store_id
    {{ rate_of('balanced', 'balanced.stock_on') }}
    where not balanced.is_before
),

valued as (
    select
        dated.*,
        products.product_key,
        products.unit_cost,
        {{ money_mul('products.unit_cost', 'dated.priced_quantity') }} as closing_value_amount
    from dated
    {{ as_of('products', 'products', 'product_id', 'dated', 'dated.evening_at') }}
),

final as (
    select
        store_id,
        stock_on,
        warehouse_key,
        coalesce(product_key, '0') as product_key,
        product_id,
        movements,
        {% for column, quantity in {
            'opening': 'opening',
            'received': 'received',
            'sold': '-sold',
            'returned': 'returned',
            'adjusted': 'closing - opening - received - sold - returned',
            'closing': 'closing',
            'transferred_in': 'transferred_in',
            'transferred_out': '-transferred_out',
            'counted': 'counted',
            'count_difference': 'counted - opening - moved',
        }.items() -%}
        cast({{ quantity }} as decimal(38, 4)) as {{ column }}_quantity,
        {% endfor -%}
        unit_cost,
        currency_code,
        fx_rate,
        closing_value_amount,
        {{ money_convert('closing_value_amount', 'fx_rate') }} as closing_value_base_amount,
        cost_of_sales_amount,
        {{ money_convert('cost_of_sales_amount', 'fx_rate') }} as cost_of_sales_base_amount
    from valued
)

select * from final
{{ in_order_of('stock_on') }}
