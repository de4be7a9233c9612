-- One row per sale.
select
    file_no,
    source_row,
    transaction_id as order_id,
    sold_on as ordered_at,
    case location when 'In-store' then 'shop' when 'Takeaway' then 'takeaway' end as channel
from lines
