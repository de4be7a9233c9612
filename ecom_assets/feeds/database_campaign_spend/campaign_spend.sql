-- One row per campaign and day.
select
    file_no,
    source_row,
    campaign_id,
    spend_on,
    impressions,
    clicks,
    spend as spend_amount
from lines
