"""Days and months: which there are."""

from datetime import UTC, date, datetime

from ecom_assets.months import present_day, present_month


def test_a_month_begins_where_the_day_begins_first() -> None:
    """On 1 December in Auckland a file of that day was refused as one of a later month."""
    assert present_month(datetime(2026, 11, 30, 9, tzinfo=UTC)) == "2026-11"
    assert present_month(datetime(2026, 11, 30, 10, tzinfo=UTC)) == "2026-12"


def test_a_day_begins_where_it_begins_first() -> None:
    assert present_day(datetime(2026, 11, 30, 9, 59, tzinfo=UTC)) == date(2026, 11, 30)
    assert present_day(datetime(2026, 11, 30, 10, tzinfo=UTC)) == date(2026, 12, 1)
