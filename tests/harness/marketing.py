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
    *(
        _row("raw_events", event_id=f"e{n}", occurred_at=f"2024-05-02 {at}", visitor_id=visitor,
             kind=kind, **more)
        for n, (at, visitor, kind, more) in enumerate((
            ("09:30:00", "v", "page_view", {"url": "/", "utm_campaign": "c1", "device": "mobile"}),
            ("09:40:00", "v", "product_view", {"customer_id": "a"}),
            ("09:50:00", "v", "add_to_cart", {}),
            ("09:55:00", "v", "checkout_start", {}),
            ("10:00:00", "v", "purchase", {"order_id": "1"}),
            ("11:00:00", "v", "product_view", {}),
            ("12:00:00", "w", "product_view", {}),
            ("12:01:00", "w", "add_to_cart", {}),
        ))
    ),
)  # fmt: skip
FILE = File(date(2024, 5, 3), "", ROWS)

ONE_SPEND = "spend_on = (select min(spend_on) from fact_campaign_daily)"
ONE_SESSION = "session_id = (select min(session_id) from fact_sessions)"
BROKEN = {
    "assert_every_delivered_row_has_one_fate": [
        "delete from staging.main.stg_campaigns where campaign_id = 'c1'",
        "update staging.main.stg_campaigns set budget_amount = 99 where campaign_id = 'c1'",
        "delete from staging.main.stg_campaign_spend where spend_on = '2024-05-01'",
        "update staging.main.stg_campaign_spend set spend_amount = spend_amount + 0.01",
        "update staging.main.stg_campaign_spend set clicks = clicks + 1",
        "update staging.main.stg_campaign_spend set impressions = impressions + 1",
    ],
    "assert_months_have_the_spend_of_their_days": [
        "update kpi_sales_monthly set spend_amount = spend_amount + 0.01",
        "update kpi_sales_monthly set spend_base_amount = coalesce(spend_base_amount, 0) + 0.01",
    ],
    "assert_campaign_spend_conserves_money": [
        f"delete from fact_campaign_daily where {ONE_SPEND}",
        f"insert into fact_campaign_daily from fact_campaign_daily where {ONE_SPEND}",
        f"update fact_campaign_daily set spend_amount = spend_amount + 0.01 where {ONE_SPEND}",
        f"update fact_campaign_daily set clicks = clicks + 1 where {ONE_SPEND}",
        f"update fact_campaign_daily set impressions = impressions + 1 where {ONE_SPEND}",
        f"update fact_campaign_daily set spend_on = spend_on + 10 where {ONE_SPEND}",
    ],
    "assert_every_event_is_in_one_session": [
        f"delete from fact_sessions where {ONE_SESSION}",
        f"insert into fact_sessions from fact_sessions where {ONE_SESSION}",
        f"update fact_sessions set events = events + 1 where {ONE_SESSION}",
        f"update fact_sessions set page_views = page_views + 1 where {ONE_SESSION}",
        f"update fact_sessions set product_views = product_views + 1 where {ONE_SESSION}",
        f"update fact_sessions set started_at = started_at - interval 1 second where {ONE_SESSION}",
        f"update fact_sessions set ended_at = ended_at + interval 1 hour where {ONE_SESSION}",
        f"update fact_sessions set visitor_key = 'another' where {ONE_SESSION}",
    ],
    "assert_funnel_is_of_all_sessions": [
        "delete from kpi_funnel_daily where device = 'mobile'",
        *(
            f"update kpi_funnel_daily set {step} = {step} - 1 where {step} > 0"
            for step in (
                "sessions",
                "product_view_sessions",
                "cart_sessions",
                "checkout_sessions",
                "purchase_sessions",
            )
        ),
    ],
    "assert_carts_are_of_all_sessions": [
        "delete from kpi_cart_abandonment",
        *(
            f"update kpi_cart_abandonment set {carts} = {carts} + 1"
            for carts in ("carts", "open_carts", "closed_carts", "ordered_carts", "abandoned_carts")
        ),
    ],
    "assert_attribution_shares_every_order": [
        "update staging.main.int_order_touches set linear_weight = linear_weight - 0.00000001",
        "update staging.main.int_order_touches set time_decay_weight = 1.5 - time_decay_weight",
        "delete from kpi_attribution where attribution_model = 'linear'",
        "update kpi_attribution set orders = orders + 0.00000001",
        "update kpi_attribution set net_amount = net_amount + 0.0001",
        "update kpi_attribution set net_base_amount = net_base_amount + 0.0001",
        "update kpi_attribution set margin_amount = coalesce(margin_amount, 0) + 0.0001",
        "update kpi_attribution set order_month = order_month + 31",
    ],
    "assert_campaign_months_are_of_the_facts": [
        "delete from kpi_campaign_performance",
        *(
            f"update kpi_campaign_performance set {column} = {column} + 1"
            for column in (
                "impressions",
                "clicks",
                "spend_amount",
                "attributed_orders",
                "attributed_net_amount",
            )
        ),
    ],
    "assert_kpi_attribution_has_no_orphans": [
        "update kpi_attribution set channel_key = 'nowhere' where is_attributed"
    ],
    "assert_kpi_campaign_performance_has_no_orphans": [
        "update kpi_campaign_performance set campaign_key = 'nowhere'"
    ],
    "assert_fact_sessions_has_no_orphans": [
        f"update fact_sessions set {key} = 'nowhere'"
        for key in ("customer_key", "campaign_key", "channel_key")
    ],
    "warn_spend_amounts_fit": ["update fact_campaign_daily set spend_base_amount = null"],
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
# Two rows of one grain, by table, for a shop that delivers nothing of this.
DOUBLED = {
    "fact_campaign_daily": (
        "select 'shop' as store_id, 'c' as campaign_id, date '2011-08-01' as spend_on"
    ),
    "kpi_campaign_performance": (
        "select 'shop' as store_id, date '2011-08-01' as performance_month, 'c' as campaign_id"
    ),
    "kpi_cart_abandonment": "select 'shop' as store_id, date '2011-08-01' as cart_on",
    "kpi_funnel_daily": (
        "select 'shop' as store_id, date '2011-08-01' as started_on, 'mobile' as device"
    ),
    "fact_sessions": "select 'shop' as store_id, 's' as session_id, 'v' as visitor_key, "
    "date '2011-08-08' as started_on",
}
