-- One row per purchase. The price of one CD is rounded; what it lacks to the dollars delivered is
-- the line's discount, so the net amount is exact.
select
    file_no,
    source_row,
    concat(
        customer_id, '-', strftime(bought_on, '%Y%m%d'), '-',
        row_number() over (partition by file_no, customer_id, bought_on order by source_row)
    ) as order_id,
    1 as line_number,
    cds as quantity,
    cast(round(dollars / cds, 4) as decimal(18, 4)) as unit_price,
    cast(cast(round(dollars / cds, 4) as decimal(18, 4)) * cds - dollars as decimal(18, 4))
        as discount_amount
from lines
