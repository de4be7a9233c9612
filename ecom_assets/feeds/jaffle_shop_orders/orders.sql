-- One row per order. What came back or will come back was delivered; refunds are told nowhere.
select
    file_no,
    source_row,
    id as order_id,
    user_id as customer_id,
    order_date as ordered_at,
    case status
        when 'placed' then 'paid'
        when 'shipped' then 'shipped'
        when 'completed' then 'delivered'
        when 'returned' then 'delivered'
        when 'return_pending' then 'delivered'
        else status
    end as status
from lines
