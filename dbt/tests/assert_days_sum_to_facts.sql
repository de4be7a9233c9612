{{ config(
    meta={
        'dagster': {'ref': {'name': 'kpi_sales_daily'}},
        'description':
            'Identity 5: every day of the ladder, recomputed from the facts; residual 0.',
    },
) }}

with sold as (
    select
        store_id,
        ordered_on as event_on,
        sum(gross_amount - discount_amount + shipping_amount + tax_amount) as total_amount,
        sum(case when line_kind = 'product' then gross_amount else 0 end) as gross_amount,
        sum(case when line_kind in ('product', 'discount') then net_base_amount else 0 end)
            as net_base_amount
    from {{ unjudged(ref('fact_sales')) }} as judged_sales
    where not is_test
    group by store_id, ordered_on
),

given_back as (
    select
        store_id,
        refunded_on as event_on,
        sum(amount + tax_amount) as total_amount,
        sum(case when line_kind = 'product' then amount else 0 end) as returns_amount,
        sum(case when line_kind in ('product', 'discount') then base_amount else 0 end)
            as net_base_amount
    from {{ unjudged(ref('fact_returns')) }} as judged_returns
    where not is_test
    group by store_id, refunded_on
),

days as (
    select * from {{ unjudged(ref('kpi_sales_daily')) }} as judged_days
)

select
    coalesce(days.store_id, sold.store_id, given_back.store_id) as store_id,
    coalesce(days.sales_on, sold.event_on, given_back.event_on) as sales_on,
    days.total_amount,
    sold.total_amount as sold_amount,
    given_back.total_amount as given_back_amount
from days
full outer join sold on days.store_id = sold.store_id and days.sales_on = sold.event_on
full outer join given_back
    on
        coalesce(days.store_id, sold.store_id) = given_back.store_id
        and coalesce(days.sales_on, sold.event_on) = given_back.event_on
where
    days.total_amount is distinct from
    coalesce(sold.total_amount, 0) - coalesce(given_back.total_amount, 0)
    or days.gross_amount is distinct from coalesce(sold.gross_amount, 0)
    or days.returns_amount is distinct from coalesce(given_back.returns_amount, 0)
    or days.net_base_amount
    <> coalesce(sold.net_base_amount, 0) - coalesce(given_back.net_base_amount, 0)
    or days.total_amount <> days.gross_amount - days.discount_amount - days.returns_amount
    + days.shipping_amount + days.tax_amount + days.fee_amount + days.gift_card_amount
    + days.adjustment_amount
    or days.orders <> days.new_orders + days.returning_orders + days.anonymous_orders
