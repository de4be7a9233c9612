-- One row per sale. What the rounded price lacks to the total is the line's discount, so the net
-- amount is exact.
select
    file_no,
    source_row,
    transaction_id as order_id,
    1 as line_number,
    upper(trim(item)) as product_id,
    pieces as quantity,
    cast(round(amount / pieces, 4) as decimal(18, 4)) as unit_price,
    cast(
        cast(round(amount / pieces, 4) as decimal(18, 4)) * pieces - amount as decimal(18, 4)
    ) as discount_amount
from lines
