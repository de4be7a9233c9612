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
    1 as line_number,
    name as order_id,
    'product' as line_kind,
    lower(trim(email)) as customer_id,
    1 as quantity,
    refunded - tax_share - shipping_share as amount,
    tax_share as tax_amount,
    coalesce(cancelled_at, created_at) as refunded_at
from shares
union all
select
    file_no,
    source_row,
    document_id,
    concat(name, '-refund') as refund_id,
    2 as line_number,
    name as order_id,
    'shipping' as line_kind,
    lower(trim(email)) as customer_id,
    1 as quantity,
    shipping_share as amount,
    0 as tax_amount,
    coalesce(cancelled_at, created_at) as refunded_at
from shares
where shipping_share > 0
