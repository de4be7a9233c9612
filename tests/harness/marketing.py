"""A shop that delivers campaigns and web events, and what breaks the checks over them."""

from datetime import date
from typing import Any

from tests.property.change_log import File, Row


def _row(dataset: str, **values: Any) -> Row:
    return dataset, None, values


ROWS = (
    _row("raw_orders", order_id="1", ordered_at="2024-05-02 10:00:00", campaign_id="c1"),
    _row(
        "raw_order_items", order_id="1", line_number=1, product_id="P", quantity="1", unit_price="9"
    ),
    _row("raw_campaigns", campaign_id="c1", channel="search", budget_amount="100"),
    _row("raw_campaigns", campaign_id="c2", channel="email"),
    _row(
        "raw_campaign_spend", campaign_id="c1", spend_on="2024-05-01",
        impressions="900", clicks="30", spend_amount="10",
    ),
    _row("raw_campaign_spend", campaign_id="c1", spend_on="2024-05-02", spend_amount="12.50"),
)  # fmt: skip
FILE = File(date(2024, 5, 3), "", ROWS)

ONE_SPEND = "spend_on = (select min(spend_on) from fact_campaign_daily)"
BROKEN = {
    "assert_every_delivered_row_has_one_fate": [
        "delete from staging.main.stg_campaigns where campaign_id = 'c1'",
        "update staging.main.stg_campaigns set budget_amount = 99 where campaign_id = 'c1'",
        "delete from staging.main.stg_campaign_spend where spend_on = '2024-05-01'",
        "update staging.main.stg_campaign_spend set spend_amount = spend_amount + 0.01",
        "update staging.main.stg_campaign_spend set clicks = clicks + 1",
        "update staging.main.stg_campaign_spend set impressions = impressions + 1",
    ],
    "assert_campaign_spend_conserves_money": [
        f"delete from fact_campaign_daily where {ONE_SPEND}",
        f"insert into fact_campaign_daily from fact_campaign_daily where {ONE_SPEND}",
        f"update fact_campaign_daily set spend_amount = spend_amount + 0.01 where {ONE_SPEND}",
        f"update fact_campaign_daily set clicks = clicks + 1 where {ONE_SPEND}",
        f"update fact_campaign_daily set impressions = impressions + 1 where {ONE_SPEND}",
        f"update fact_campaign_daily set spend_on = spend_on + 10 where {ONE_SPEND}",
    ],
    "assert_fact_campaign_daily_has_no_orphans": [
        "update fact_campaign_daily set campaign_key = 'nowhere'",
        "update fact_campaign_daily set channel_key = 'nowhere'",
    ],
    "assert_dim_campaigns_history_is_whole": [
        "update dim_campaigns set is_current = false where campaign_key <> '0'",
        "update dim_campaigns set valid_to = valid_from where campaign_id = 'c1'",
    ],
    "assert_dim_campaigns_has_no_orphans": [
        "update dim_campaigns set channel_key = 'nowhere' where campaign_id = 'c1'"
    ],
    "assert_fact_sales_has_no_orphans": ["update fact_sales set campaign_key = 'nowhere'"],
}
