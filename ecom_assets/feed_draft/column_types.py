"""What type the columns of a sample have: that which its values are cast to without a loss.

The casts are those of the reader (``ingest/cast.py``): what is found here, a load accepts.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ecom_assets.duck import list_literal
from ecom_assets.feed_draft.words import words_for_nothing
from ecom_assets.feeds import FeedColumn
from ecom_assets.ingest.cast import cast_sql, is_dressed_sql

# How days are written where not as ISO 8601; the day comes first where both ways fit.
DAYS = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
)
SHORT_DAYS = ("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y")
TIMES = ("", " %H:%M", " %H:%M:%S", ", %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
WITH_OFFSET = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z")
FIRST_YEAR, LAST_YEAR = 1900, 2099
TRIED = 50


@dataclass(frozen=True)
class Kind:
    """A type, with the format of days and times that are not ISO 8601."""

    type: str
    format: str | None = None

    def column(self, name: str = "x", header: str = "x") -> FeedColumn:
        """Returns a column of this type."""
        told = {"name": name, "header": header, "type": self.type, "format": self.format}
        return FeedColumn.model_validate(told)


MONEY = Kind("money")
NUMBERS = (Kind("integer"), MONEY, Kind("decimal"))
LOCAL_TIMES = (
    Kind("local_timestamp"),
    *(Kind("local_timestamp", day + time) for time in TIMES for day in (*DAYS, *SHORT_DAYS)),
)
TIMES_IN_UTC = (Kind("timestamp"), *(Kind("timestamp", text) for text in WITH_OFFSET))
MOMENTS = (*LOCAL_TIMES, *TIMES_IN_UTC)
DATES = (Kind("date"), *(Kind("date", day) for day in (*DAYS, *SHORT_DAYS)))


@dataclass(frozen=True)
class Fit:
    """How a type fits the values of a column.

    Attributes:
        kind: The type.
        values: How many values there are, but for blanks and words for nothing.
        fitting: How many of them are values of the type.
        others: Some that are not.
        rivals: Formats that fit all of them as well.
    """

    kind: Kind
    values: int
    fitting: int
    others: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()


def best_fit(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    kinds: Sequence[Kind],
    mark: str,
    table: str = "delivered",
) -> Fit | None:
    """Returns the first type that fits most values of a column, None where it fits hardly any.

    Args:
        connection: Holds the values.
        source: Their column.
        kinds: The types in question, the best first.
        mark: The decimal mark.
        table: Their table.
    """
    if not kinds:
        return None
    told = told_sql(source, table)
    rows = connection.execute(f"select distinct {source} from {told} limit {TRIED}").fetchall()
    texts = [str(text).strip() for (text,) in rows]
    tried = [(kind, valued_sql(kind, source, mark)) for kind in kinds if _may_fit(kind, texts)]
    if not tried:
        return None
    counts = ", ".join(f"count({value})" for _, value in tried)
    row = connection.execute(f"select count(*), {counts} from {told}").fetchone()
    values, *fitting = row or (0,)
    most = max(fitting, default=0)
    if not most or most * 2 < values:
        return None
    kind, value = tried[fitting.index(most)]
    if kind in NUMBERS and kind.type == "integer" and MONEY in kinds and _has_cents(texts, mark):
        kind, value = MONEY, valued_sql(MONEY, source, mark)
    others = connection.execute(
        f"select distinct {source} from {told} where {value} is null order by 1 limit 3"
    ).fetchall()
    rivals = tuple(
        str(other.format)
        for (other, _), count in zip(tried, fitting, strict=True)
        if count == most == values and other.format and kind.format and other != kind
    )
    return Fit(kind, values, most, tuple(str(text) for (text,) in others), rivals)


def _has_cents(texts: Sequence[str], mark: str) -> bool:
    """Whether whole numbers are written as amounts: 5,00 is money, though it is a whole number."""
    return any(re.fullmatch(rf"[^{mark}]*[{mark}]\d\d", text) for text in texts)


def _may_fit(kind: Kind, texts: Sequence[str]) -> bool:
    """Whether a format fits any of some texts: most fit none, and DuckDB takes its time for each.

    Offsets are left to DuckDB, which writes them in more ways.
    """
    if kind.format is None or "%z" in kind.format:
        return True
    for text in texts:
        with suppress(ValueError):
            datetime.strptime(text, kind.format)  # noqa: DTZ007
            return True
    return False


def other_formats(
    connection: duckdb.DuckDBPyConnection, source: str, kind: Kind
) -> tuple[str, ...]:
    """Returns the formats of days and times that fit all that fits a type's own as well.

    Args:
        connection: Holds ``delivered``.
        source: The column.
        kind: Its type, with a format.
    """
    others = [
        other
        for other in (*DATES, *MOMENTS)
        if other.type == kind.type and other.format not in (None, kind.format)
    ]
    told = told_sql(source)
    own = valued_sql(kind, source, ".")
    rows = connection.execute(
        f"select distinct {source} from {told} where {own} is not null limit {TRIED}"
    ).fetchall()
    texts = [str(text).strip() for (text,) in rows]
    found: list[str] = []
    for other in [other for other in others if _may_fit(other, texts)]:
        value = valued_sql(other, source, ".")
        row = connection.execute(
            f"select count({own}), count({value}) filter ({own} is not null) from {told}"
        ).fetchone()
        if row and row[0] == row[1]:
            found.append(str(other.format))
    return tuple(found)


def dressed_in(connection: duckdb.DuckDBPyConnection, source: str, mark: str) -> str | None:
    """Returns a number with a currency's sign or grouped thousands, which no load reads."""
    is_one = f"{is_dressed_sql(source, mark)} and {cast_sql(MONEY.column(), source, mark)} is null"
    row = connection.execute(
        f"select min(trim({source})) from {told_sql(source)} where {is_one}"
    ).fetchone()
    return row[0] if row else None


def nulls_in(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> list[str]:
    """Returns the words for nothing that some columns hold."""
    found: set[str] = set()
    for source in sources:
        rows = connection.execute(
            f"select distinct trim({source}) from delivered "
            f"where trim({source}) in {_listed(words_for_nothing())}"
        ).fetchall()
        found |= {str(word) for (word,) in rows}
    return sorted(found)


def valued_sql(kind: Kind, source: str, mark: str) -> str:
    """Returns SQL of a text's value of a type; null where it is none, or of no likely year."""
    value = cast_sql(kind.column(), source, mark)
    if not kind.column().is_moment:
        return value
    return f"case when year({value}) between {FIRST_YEAR} and {LAST_YEAR} then {value} end"


def told_sql(source: str, table: str = "delivered") -> str:
    """Returns the lines in which a column says something."""
    nothing = _listed(["", *words_for_nothing()])
    return f"(select {source} from {table} where trim({source}) not in {nothing})"


def _listed(words: Sequence[str]) -> str:
    return f"({list_literal(words)[1:-1]})"
