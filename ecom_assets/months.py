"""Which days there are, and which months, as text (``2011-08``)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

FIRST_MONTH = "1995-01"
FIRST_CLOCK = "Pacific/Kiritimati"  # where every day begins first


def present_day(now: datetime) -> date:
    """Returns the newest day that has begun anywhere on earth."""
    return now.astimezone(ZoneInfo(FIRST_CLOCK)).date()


def present_month(now: datetime) -> str:
    """Returns the newest month that has begun anywhere on earth."""
    return f"{present_day(now):%Y-%m}"
