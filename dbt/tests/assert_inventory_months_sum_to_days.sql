{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_inventory_turnover'}},
        'description':
            'What was received, sold and cost in the months of a product is what the days say; each '
            ~ 'month opens with what the one before closed with, and rates lie within 0 and 1.',
    },
) }}

with both_tables as (
    select
        f.store_id, {{ month_of('f.stock_on') }} as stock_month, f.product_id, f.received_quantity,
        f.sold_quantity, f.returned_quantity, f.adjusted_quantity,
        f.closing_quantity - f.opening_quantity as change, f.cost_of_sales_amount,
        f.cost_of_sales_base_amount
    from {{ ref('fact_inventory_daily') }} as f
    {{ tail('f', 'stock_on', 'changed_month') }}
    inner join {{ ref('store_horizon') }} as h
        on
            f.store_id = h.store_id
            and f.stock_on <= h.last_on
            and f.stock_on >= {{ month_of('h.first_on') }}
    union all
    select
        store_id, stock_month, product_id, -received_quantity, -sold_quantity,
        -returned_quantity, -adjusted_quantity, opening_quantity - closing_quantity as change,
        -cost_of_sales_amount, -cost_of_sales_base_amount
    from {{ unjudged(ref('kpi_inventory_turnover')) }} as judged_months
),

unequal as (
    select
        store_id, stock_month, product_id,
        'its days sum to something else' as fault
    from both_tables
    group by store_id, stock_month, product_id
    having
        sum(received_quantity) <> 0
        or sum(sold_quantity) <> 0
        or sum(returned_quantity) <> 0
        or sum(adjusted_quantity) <> 0
        or sum(change) <> 0
        {%- for base in ['', '_base'] %}
        or (
            count(*) = count(cost_of_sales{{ base }}_amount)
            and sum(cost_of_sales{{ base }}_amount) <> 0
        )
        {%- endfor %}
),

-- a month goes on from the one before, which begins at most 31 days earlier
followed as (
    select
        m.*,
        lag(m.closing_quantity) over (
            partition by m.store_id, m.product_id order by m.stock_month
        ) as closed_before
    from {{ ref('kpi_inventory_turnover') }} as m
    {{ tail('m', 'stock_month', 'changed_month', look_ahead_days=31) }}
),

told as (
    select m.store_id, m.stock_month, m.product_id
    from {{ unjudged(ref('kpi_inventory_turnover')) }} as m
    inner join {{ source('raw', 'stores') }} as stores on m.store_id = stores.store_id
    left join {{ ref('store_horizon') }} as h on m.store_id = h.store_id
    left join {{ ref('int_product_versions') }} as product
        on
            m.store_id = product.store_id
            and m.product_id = product.product_id
            and {{ moment_before('(m.as_of_on + 1)', 'stores.timezone') }} >= product.applies_from
            and {{ moment_before('(m.as_of_on + 1)', 'stores.timezone') }} < product.applies_to
    where
        m.as_of_on is distinct from least({{ month_end('m.stock_month') }}, h.last_on)
        or m.is_complete is distinct from (h.last_on >= {{ month_end('m.stock_month') }})
        or m.product_name is distinct from product.name
        or m.category is distinct from product.category
),

faulty as (
    select *, 'it is told of another day or product' as fault from told
    union all
    select store_id, stock_month, product_id, 'it does not go on from the month before' as fault
    from followed
    where opening_quantity <> closed_before
    union all
    select store_id, stock_month, product_id, 'a rate lies outside 0 and 1' as fault
    from followed
    where
        not sell_through_rate between 0 and 1
        or not stock_out_rate between 0 and 1
        or stock_out_days > active_days
)

select * from unequal
union all
select * from faulty
