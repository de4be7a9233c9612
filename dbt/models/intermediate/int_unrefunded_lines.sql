{{ config(materialized='ephemeral') }}

-- What nobody has refunded of the lines of orders of which all is given back.
with orders as (
    select int_reversals.store_id, int_reversals.order_id
    from {{ ref('int_reversals') }} as int_reversals
    {{ tail('int_reversals', 'reversed_on', 'changed_on') }}
),

{{ lines_and_refunds() }},

final as (
    {{ unrefunded_lines('lines', 'refunds') }}
)

select store_id, order_id, line_number, line_kind, product_id, quantity, amount, tax_amount
from final
where quantity <> 0 or amount <> 0 or tax_amount <> 0
