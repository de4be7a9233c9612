-- Of an order of which money was given back, tax and shipping included: their shares of the total,
-- and the rest for its products. The export tells no day of it: that of the cancellation, else of
-- the order.
with shares as (
    select
        *,
        cast(round(refunded * coalesce(taxes, 0) / total, 2) as decimal(18, 4)) as tax_share,
        cast(round(refunded * coalesce(shipping, 0) / total, 2) as decimal(18, 4))
            as shipping_share
    from lines
    where refunded > 0 and total > 0
)

select
    file_no,
    source_row,
    document_id,
    concat(name, '-refund') as refund_id,
    kinds.line_number,
    name as order_id,
    kinds.line_kind,
    lower(trim(email)) as customer_id,
    1 as quantity,
    case kinds.line_kind
        when 'product' then refunded - tax_share - shipping_share
        else shipping_share
    end as amount,
    case kinds.line_kind when 'product' then tax_share else 0 end as tax_amount,
    coalesce(cancelled_at, created_at) as refunded_at
from shares
cross join (values (1, 'product'), (2, 'shipping')) as kinds (line_number, line_kind)
where kinds.line_kind = 'product' or shipping_share > 0
