"""From the rows just read of a source to one file in the inbox, if anything of them is new.

They lie in the table ``pulled``: the source's columns as text, and ``_inside``. Of what source they
are does not matter here.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import duckdb

from ecom_assets.errors import SourceError
from ecom_assets.feeds import Pull
from ecom_assets.feeds.pull import DELETED
from ecom_assets.sources.difference import (
    ROWS_READ,
    all_columns,
    current_sql,
    dated_sql,
    fresh_sql,
    gone_sql,
    landed_sql,
    repeated_sql,
    watermarks_sql,
)
from ecom_assets.sources.handing_over import Delivered, hand_over, write_draft
from ecom_assets.sources.landed import Landed, PullManifest
from ecom_assets.sources.window import NAMES, Watermark


@dataclass(frozen=True)
class Read:
    """The rows just read.

    Attributes:
        source: What kind of source they are of.
        pull: How they were read.
        columns: Declared types, or kinds of values, by column, in the source's order.
        start: Where the window began, None for all rows.
        earliest: What no row lies before, and so no landed row that can be the same; None where
            any landed row can.
        database: Which database it is, None where it is none.
    """

    source: str
    pull: Pull
    columns: dict[str, str]
    start: Watermark | None = None
    earliest: Watermark | None = None
    database: str | None = None


@dataclass(frozen=True)
class Marks:
    """What the watermarks of the rows just read are."""

    kind: Literal["time", "number"] | None = None
    newest: Watermark | None = None
    unmarked: int = 0


def deliver(
    connection: duckdb.DuckDBPyConnection,
    read: Read,
    landed: Landed,
    inbox: Path,
    moment: datetime,
) -> Delivered | None:
    """Writes what had not landed exactly so.

    Args:
        connection: Where ``pulled`` is.
        read: What it holds.
        landed: What has been pulled before.
        inbox: Where the feed's files arrive.
        moment: The moment of the pull, UTC, after that of all files.

    Returns:
        The file, or None where nothing is new.

    Raises:
        SourceError: Its key or watermark is none.
        LandingError: The file cannot be written.
    """
    pull = read.pull
    check_key(connection, pull)
    marks = _marks(connection, pull, landed)
    rows_sql, rows, deleted = _compare(connection, read, landed, moment)
    if not rows:
        return None
    manifest = PullManifest(
        source=read.source,
        database=read.database,
        table=pull.place,
        watermark=pull.watermark,
        watermark_is=marks.kind,
        window_from=None if read.start is None else str(read.start),
        window_to=None if marks.newest is None else str(marks.newest),
        unmarked=marks.unmarked,
        rows=rows,
        deleted=deleted,
        columns=read.columns,
        pulled_at=moment,
    )
    draft = write_draft(connection, rows_sql, inbox, manifest)
    return Delivered(hand_over(draft), rows, deleted)


def check_key(connection: duckdb.DuckDBPyConnection, pull: Pull) -> None:
    """Refuses a key that several rows have: which of them landed last could not be told."""
    row = connection.execute(repeated_sql(pull.key)).fetchone() if pull.key else None
    if row and row[0]:
        or_changed = ", or pull again if rows changed between two pages" if pull.rest else ""
        raise SourceError(
            f"key {', '.join(pull.key)} of {pull.place} is not unique, {row[0]:,} values come "
            f"twice: name all columns of the key in feed.yaml{or_changed}"
        )


def _marks(connection: duckdb.DuckDBPyConnection, pull: Pull, landed: Landed) -> Marks:
    if not pull.watermark:
        return Marks()
    row = connection.execute(watermarks_sql(pull.watermark)).fetchone()
    marked, times, numbers, unmarked, time, number = row or (0, 0, 0, 0, None, None)
    if not marked:
        return Marks(unmarked=unmarked)
    if marked not in (times, numbers):
        raise SourceError(
            f"watermark '{pull.watermark}' of {pull.place} is neither a time nor a number in "
            f"{marked - max(times, numbers):,} of {marked:,} rows: choose another column in "
            "feed.yaml, or mend these"
        )
    marks = (
        Marks("number", number, unmarked) if marked == numbers else Marks("time", time, unmarked)
    )
    before = landed.newest(pull)
    if before is not None and not isinstance(marks.newest, type(before) | None):
        raise SourceError(
            f"watermark '{pull.watermark}' of {pull.place} was {NAMES[type(before)]} in what has "
            f"landed and is {NAMES[Decimal if marks.kind == 'number' else datetime]} now: choose "
            "another column in feed.yaml"
        )
    return marks


def _compare(
    connection: duckdb.DuckDBPyConnection, read: Read, landed: Landed, moment: datetime
) -> tuple[str, int, int]:
    """Returns the rows to deliver as SQL, how many they are, and how many of these are gone."""
    pull, columns = read.pull, list(read.columns)
    if pull.watermark:
        fresh = fresh_sql(landed.since(read.earliest), columns, pull)
    else:
        differs = _differs(connection, read, Landed(landed.files[-1:]))
        fresh = ROWS_READ if differs else f"{ROWS_READ} and false"
    rows = f"select *, false as {DELETED} from ({fresh})"
    if landed.files and pull.deletes:
        gone = gone_sql(landed, all_columns(landed, columns), pull.key)
        rows += f" union all by name select *, true as {DELETED} from ({gone})"
    rows = dated_sql(rows, landed, columns, pull, moment)
    if landed.files:
        connection.execute(f"create or replace temp table delivery as {rows}")
        rows = "from delivery"
    row = connection.execute(
        f"select count(*), count(*) filter (where {DELETED}) from ({rows})"
    ).fetchone()
    return (rows, int(row[0]), int(row[1])) if row else (rows, 0, 0)


def _differs(connection: duckdb.DuckDBPyConnection, read: Read, last: Landed) -> bool:
    """Whether the whole of the source is another one than in the last file."""
    if not last.files:
        return True
    columns = list(read.columns)
    if set(columns) != set(last.columns):
        return True
    fresh = fresh_sql(last, columns, Pull(table="pulled"))
    held = current_sql(landed_sql(last, columns), ())
    row = connection.execute(
        f"select exists({fresh}) or (select count(*) from ({held})) <> "
        f"(select count(*) from ({ROWS_READ}))"
    ).fetchone()
    return bool(row and row[0])
