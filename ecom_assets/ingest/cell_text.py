"""The text of numbers in a workbook, which keeps days and times as numbers with a format. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

# Formats without a code of their own (ECMA-376, 18.8.30): days and times; not 46, elapsed hours.
DATE_FORMATS = {*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)}
NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
ELAPSED = re.compile(r"\[[hms]+\]")
EXACT_DIGITS = 15
FIRST_DAY, FIRST_DAY_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001
MOST_DAYS = 2_957_003  # 9999-12-31, where days count from 1904
LEAP_BUG = 60  # days before this one are one too few: spreadsheets know a 1900-02-29


@dataclass(frozen=True)
class CellFormats:
    """What a workbook's cell styles mean.

    Attributes:
        styles: The number of the format of each style.
        codes: The codes of the workbook's own formats, by number.
        is_1904: Whether days count from 1904.
    """

    styles: tuple[int, ...]
    codes: Mapping[int, str]
    is_1904: bool = False

    @cached_property
    def _are_moments(self) -> tuple[bool, ...]:
        return tuple(self._is_moment(number) for number in self.styles)

    def _is_moment(self, number: int) -> bool:
        if number not in self.codes:
            return number in DATE_FORMATS
        code = NO_CODE.sub("", self.codes[number].split(";")[0].lower())
        return bool(re.search("[ymdhs]", code)) and not ELAPSED.search(code)

    def moment(self, style: int, value: str) -> str | None:
        """Returns a number as day, time or both, None where the style is not one of these."""
        if not self._are_moments[style]:
            return None
        days = float(value)
        if not 0 <= days < MOST_DAYS:
            return None
        if days < 1:
            return _moment(FIRST_DAY, days).time().isoformat()
        base = FIRST_DAY_1904 if self.is_1904 else FIRST_DAY
        if days < LEAP_BUG and not self.is_1904:
            base += timedelta(days=1)
        found = _moment(base, days)
        return found.date().isoformat() if days.is_integer() else found.isoformat(sep=" ")


def number_text(value: str) -> str:
    """Returns the shortest text of the same number; ``value`` itself where it is none."""
    if value.isdigit() and len(value) <= EXACT_DIGITS:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return f"{number:.0f}" if number.is_integer() else repr(number)


def _moment(base: datetime, days: float) -> datetime:
    """Returns a moment to the millisecond, finer than a number of days is."""
    return base + timedelta(milliseconds=round(days * 86_400_000))
