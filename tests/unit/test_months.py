"""Months: which there are."""

from datetime import UTC, datetime

from ecom_assets.months import present_month


def test_a_month_begins_where_the_day_begins_first() -> None:
    """On 1 December in Auckland a file of that day was refused as one of a later month."""
    assert present_month(datetime(2026, 11, 30, 9, tzinfo=UTC)) == "2026-11"
    assert present_month(datetime(2026, 11, 30, 10, tzinfo=UTC)) == "2026-12"
