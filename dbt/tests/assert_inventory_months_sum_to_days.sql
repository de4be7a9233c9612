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
        f.closing_quantity - f.opening_quantity as change, f.cost_of_sales_amount
    from {{ ref('fact_inventory_daily') }} as f
    {{ tail('f', 'stock_on') }}
    inner join {{ ref('store_horizon') }} as h
        on
            f.store_id = h.store_id
            and f.stock_on <= h.last_on
            and f.stock_on >= {{ month_of('h.first_on') }}
    union all
    select
        store_id, stock_month, product_id, -received_quantity, -sold_quantity,
        -returned_quantity, -adjusted_quantity, opening_quantity - closing_quantity as change,
        -cost_of_sales_amount
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
        or (count(*) = count(cost_of_sales_amount) and sum(cost_of_sales_amount) <> 0)
),

followed as (
    select
        *,
        lag(closing_quantity) over (
            partition by store_id, product_id order by stock_month
        ) as closed_before
    from {{ ref('kpi_inventory_turnover') }}
),

faulty as (
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
