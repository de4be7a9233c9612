-- One row per campaign.
select
    file_no,
    source_row,
    campaign_id,
    name,
    channel,
    starts_on,
    ends_on,
    budget as budget_amount
from lines
