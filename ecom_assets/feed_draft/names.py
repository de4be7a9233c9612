"""What the name of a sample tells: the pattern of its kind, and the day in it. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

DAYS = {
    r"\d{4}-\d{2}-\d{2}": "%Y-%m-%d",
    r"\d{4}_\d{2}_\d{2}": "%Y_%m_%d",
    r"\d{4}\.\d{2}\.\d{2}": "%Y.%m.%d",
    r"\d{2}-\d{2}-\d{4}": "%d-%m-%Y",
    r"\d{2}\.\d{2}\.\d{4}": "%d.%m.%Y",
    r"\d{2}_\d{2}_\d{4}": "%d_%m_%Y",
    r"\d{8}": "%Y%m%d",
}
FIRST_YEAR, LAST_YEAR = 1995, 2099
MORE = r"([-_. (].*)?"  # orders.csv: orders_2.csv and orders (1).csv too, but not orderstatus.csv


@dataclass(frozen=True)
class Naming:
    """How files are named.

    Attributes:
        pattern: Regular expression of the whole name.
        day: Regular expression whose group is the day in it, None where it tells none.
        format: How the name writes the day.
    """

    pattern: str
    day: str | None = None
    format: str | None = None


def naming_of(name: str) -> Naming:
    """Returns how files like this one are named."""
    for digits, written in DAYS.items():
        found = re.search(rf"(?<!\d){digits}(?!\d)", name)
        if found and _is_day(found[0], written):
            before, after = name[: found.start()], name[found.end() :]
            pattern = f"{_loosely(before)}{digits}{_loosely(after)}"
            return Naming(pattern, f"(?<!\\d)({digits})(?!\\d)", written)
    stem, suffix = _loosely(Path(name).stem), re.escape(Path(name).suffix)
    return Naming(f"{stem}{MORE}{suffix}")


def _loosely(part: str) -> str:
    """Returns a pattern of a part of a name: digits may be others, all else stays."""
    return re.sub(r"\d+", lambda _: r"\d+", re.escape(part).replace(r"\-", "-").replace(r"\ ", " "))


def _is_day(text: str, written: str) -> bool:
    try:
        day: date = datetime.strptime(text, written).date()  # noqa: DTZ007
    except ValueError:
        return False
    return FIRST_YEAR <= day.year <= LAST_YEAR
