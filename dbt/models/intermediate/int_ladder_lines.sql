{{ config(materialized='view', group='kpi') }}

-- Every sale and return line but those of test orders, with what it adds to each KPI column.
-- `ordered_on` is the day of the order that a return belongs to, its own day where it names none.
with sold as (
    select
        *,
        {{ money_convert('gross_amount', 'fx_rate') }} as gross_base,
        {{ money_convert('shipping_amount', 'fx_rate') }} as shipping_base,
        {{ money_convert('tax_amount', 'fx_rate') }} as tax_base,
        {{ money_convert('cost_amount', 'fx_rate') }} as cost_base
    from {{ ref('fact_sales') }}
),

given_back as (
    select
        *,
        {{ money_convert('tax_amount', 'fx_rate') }} as tax_base,
        {{ money_convert('cost_amount', 'fx_rate') }} as cost_base
    from {{ ref('fact_returns') }}
),

sales as (
    select
        s.store_id,
        s.ordered_on as event_on,
        s.ordered_hour as event_hour,
        s.ordered_on,
        s.geography_key,
        s.customer_id,
        s.product_key,
        s.product_id,
        s.line_kind,
        case when s.line_kind = 'product' and s.unit_price > 0 then s.quantity else 0 end as units,
        case when s.line_kind = 'product' and s.unit_price = 0 then s.quantity else 0 end
            as free_units,
        0 as returned_units,
        case when s.line_kind = 'product' then 1 else 0 end as product_lines,
        case when s.line_kind = 'product' and s.cost_amount is not null then 1 else 0 end
            as costed_lines,
        {{ ladder_measures(
            sale_line(
                's.net_amount', 's.gross_amount', 's.shipping_amount', 's.tax_amount',
                's.cost_amount'
            ),
            sale_line(
                's.net_base_amount', 's.gross_base', 's.shipping_base', 's.tax_base', 's.cost_base'
            ),
            's.fx_rate'
        ) }}
    from sold as s
    where not s.is_test
),

returns as (
    select
        r.store_id,
        r.refunded_on as event_on,
        r.refunded_hour as event_hour,
        r.ordered_on,
        r.geography_key,
        r.customer_id,
        r.product_key,
        r.product_id,
        r.line_kind,
        0 as units,
        0 as free_units,
        case when r.line_kind = 'product' then r.quantity else 0 end as returned_units,
        0 as product_lines,
        0 as costed_lines,
        {{ ladder_measures(
            return_line('r.amount', 'r.tax_amount', 'r.cost_amount'),
            return_line('r.base_amount', 'r.tax_base', 'r.cost_base'),
            'r.fx_rate'
        ) }}
    from given_back as r
    where not r.is_test
),

final as (
    select * from sales
    union all
    select * from returns
)

select * from final
