"""What stands before the decimals of a sample's numbers, and whether they show it at all.

1.200 is 1200 to some and 1.2 to others. Where all numbers with a mark are of that kind nothing in
them tells which, and to take the wrong one is wrong by a factor of 1000.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ecom_assets.feed_draft.column_types import Kind, told_sql, valued_sql

UNCLEAR = r"[+-]?[1-9]\d{0,2}[.,]\d{3}"  # a group of three digits begins with no zero
WRITTEN = ("csv", "fixed")
DAY_WITH_POINTS = r"(\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}\.\d{1,2}\.\d{1,2})\b.*"


@dataclass(frozen=True)
class Mark:
    """A decimal mark.

    Attributes:
        mark: The point or the comma.
        unclear: A number that may be either, where there is no other with a mark; else None.
    """

    mark: str
    unclear: str | None = None

    @property
    def remark(self) -> str | None:
        """What is to be told of it."""
        if self.unclear is None:
            return None
        other = "." if self.mark == "," else ","
        whole, decimals = self.unclear[:-4], self.unclear[-3:]
        readings = {
            self.mark: f"{whole}.{decimals}",
            other: f"{whole}{decimals}" if self.mark == "," else "no number",
        }
        return (
            "every number with a mark has exactly three digits after it, which may be decimals or "
            f"thousands: {self.unclear} is taken for {readings[self.unclear[-4]]}, by "
            f'`decimal_mark: "{self.mark}"`; if that is wrong, set `decimal_mark: "{other}"`'
        )


def mark_of(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[str], form: str, usual: str
) -> Mark:
    """Returns the decimal mark that more of the numbers in some columns are written with.

    Args:
        connection: Holds ``delivered``.
        sources: The columns.
        form: The format of their file; only in some are numbers texts, written as people do.
        usual: The mark to take where the numbers do not show it.
    """
    points = commas = 0
    unclear: list[str] = []
    for source in sources:
        with_point, with_comma = (valued_sql(Kind("decimal"), source, mark) for mark in ".,")
        is_unclear = (
            f"regexp_full_match(trim({source}), '{UNCLEAR}')" if form in WRITTEN else "false"
        )
        row = connection.execute(
            "select "
            f"count(*) filter ({with_point} is not null and contains({source}, '.') "
            f"and ({with_comma} is null or trim({source}) similar to '[+-]?0.*') "
            f"and not {is_unclear}), "
            f"count(*) filter ({with_comma} is not null and {with_point} is null "
            f"and not {is_unclear}), "
            f"min(trim({source})) filter ({is_unclear}) from {told_sql(source)}"
        ).fetchone()
        point, comma, example = row or (0, 0, None)
        points, commas = points + point, commas + comma
        unclear += [example] if example else []
    if points or commas or not unclear:
        return Mark("," if commas > points else ".")
    return Mark(usual, min(unclear))


def usual_mark(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[str], delimiter: str
) -> str:
    """Returns the mark of those who separate columns, or write days in one of some columns, so."""
    if delimiter == ";":
        return ","
    for source in sources:
        row = connection.execute(
            f"select count(*), count(*) filter (regexp_full_match(trim({source}), "
            f"'{DAY_WITH_POINTS}')) from {told_sql(source)}"
        ).fetchone()
        values, days = row or (0, 0)
        if days * 2 > values:
            return ","
    return "."
