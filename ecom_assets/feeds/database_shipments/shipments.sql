-- One row per parcel and state.
select
    file_no,
    source_row,
    shipment_id,
    order_id,
    carrier,
    promised_on,
    shipped_at,
    delivered_at
from lines
