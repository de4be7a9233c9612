"""Which days there are, and which months, as text (``2011-08``)."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_MONTH = "1995-01"
FIRST_CLOCK = "Pacific/Kiritimati"  # where every day begins first


@lru_cache(maxsize=16)  # it is asked for each file of an inbox
def present_day(now: datetime) -> date:
    """Returns the newest day that has begun anywhere on earth."""
    return now.astimezone(ZoneInfo(FIRST_CLOCK)).date()


def present_month(now: datetime) -> str:
    """Returns the newest month that has begun anywhere on earth."""
    return f"{present_day(now):%Y-%m}"


def fault_of_range(bounds: Mapping[str, str], day: str = "") -> str | None:
    """Returns what is wrong with a range of months, None if nothing is.

    Args:
        bounds: What the user calls a bound (an option, a tag) and the month, the first bound first.
        day: How a month ends there: ``-01`` where it is written as its first day.
    """
    first, last = f"{FIRST_MONTH}{day}", f"{present_month(datetime.now(UTC))}{day}"
    for name, value in bounds.items():
        if not re.fullmatch(rf"\d{{4}}-(0[1-9]|1[0-2]){day}", value):
            return f"{name} wants a month like 2010-12{day}, not '{value}'"
        if not first <= value <= last:
            return f"{name} {value}: months go from {first} to the present, {last}"
    if list(bounds.values()) != sorted(bounds.values()):
        return " comes after ".join(f"{name} {value}" for name, value in bounds.items())
    return None
