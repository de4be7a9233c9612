"""Months as text (``2011-08``): which there are."""

from datetime import datetime
from zoneinfo import ZoneInfo

FIRST_MONTH = "1995-01"
FIRST_CLOCK = "Pacific/Kiritimati"  # where every day begins first


def present_month(now: datetime) -> str:
    """Returns the newest month that has begun anywhere on earth."""
    return f"{now.astimezone(ZoneInfo(FIRST_CLOCK)):%Y-%m}"
