"""Pulling one feed: from the rows of a table to one file in the inbox, if anything is new."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import duckdb

from ecom_assets.duck import quote
from ecom_assets.errors import SourceError
from ecom_assets.feeds import Feed, Pull
from ecom_assets.feeds.pull import DELETED
from ecom_assets.home import Home
from ecom_assets.sources.address import Address
from ecom_assets.sources.connection import snapshot
from ecom_assets.sources.delivery import Delivered, hand_over, write_draft
from ecom_assets.sources.difference import (
    ROWS_READ,
    all_columns,
    as_number,
    as_time,
    current_sql,
    fresh_sql,
    gone_sql,
    landed_sql,
    missed_sql,
    repeated_sql,
    watermarks_sql,
)
from ecom_assets.sources.landed import Landed, PullManifest, next_moment, read_landed
from ecom_assets.sources.table import Table, describe_table
from ecom_assets.sources.window import NAMES, WHOLE, Watermark, Window, window


@dataclass(frozen=True)
class Marks:
    """What the watermarks of the rows just read are."""

    kind: Literal["time", "number"] | None = None
    newest: Watermark | None = None
    unmarked: int = 0


def pull_feed(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    address: Address,
    target: tuple[str, Feed],
    now: datetime,
) -> Delivered | None:
    """Delivers what a table has that has not landed.

    Args:
        connection: Where the database is attached (see ``connection.py``).
        home: The home; the caller holds its writer lock.
        address: Whose database it is.
        target: Store id and feed, which says what is pulled.
        now: The present, UTC.

    Returns:
        The file, or None where nothing is new.

    Raises:
        SourceError: The table cannot be read, or not as the feed says.
    """
    store, feed = target
    pull = feed.pull
    if pull is None:
        return None
    landed = read_landed(connection, home, store, feed.feed)
    moment = next_moment(landed, now)
    table = describe_table(connection, address, feed, pull)
    with snapshot(connection, address):
        read = _read(table, landed)
    check_key(connection, pull)
    marks = _marks(connection, pull, landed)
    rows_sql, rows, deleted = _compare(table, landed, read)
    if not rows:
        return None
    manifest = PullManifest(
        source=address.kind,
        table=pull.table,
        watermark=pull.watermark,
        watermark_is=marks.kind,
        window_from=None if read.start is None else str(read.start),
        window_to=None if marks.newest is None else str(marks.newest),
        unmarked=marks.unmarked,
        rows=rows,
        deleted=deleted,
        columns=table.columns,
        pulled_at=moment,
    )
    draft = write_draft(connection, rows_sql, home.feed_inbox(store, feed.feed), manifest)
    return Delivered(hand_over(draft), rows, deleted)


def _read(table: Table, landed: Landed) -> Window:
    """Reads the window into ``pulled``; the whole table where rows outside may have been missed."""
    pull = table.pull
    wanted = WHOLE
    if pull.watermark:
        last = landed.last_pull
        at = last and last.astimezone(UTC).replace(tzinfo=None)
        wanted = replace(window(pull, landed.newest(pull), at), by_day=table.compares_text)
    if wanted.start is not None and _was_set_back(table, wanted):
        wanted = WHOLE
    table.read(wanted)
    if wanted.start is not None and pull.deletes:
        missed = table.connection.execute(missed_sql(landed, pull.key)).fetchone()
        if missed and missed[0]:
            table.read(wanted := WHOLE)
    return wanted


def _was_set_back(table: Table, wanted: Window) -> bool:
    """Whether the table's newest watermark is older than what has landed, or of another type."""
    text = table.newest()
    if text is None:
        return True
    cast = as_time if isinstance(wanted.newest, datetime) else as_number
    row = table.connection.execute(f"select {cast(quote(text))}").fetchone()
    return row is None or row[0] is None or row[0] < wanted.newest


def check_key(connection: duckdb.DuckDBPyConnection, pull: Pull) -> None:
    """Refuses a key that several rows have: which of them landed last could not be told."""
    row = connection.execute(repeated_sql(pull.key)).fetchone() if pull.key else None
    if row and row[0]:
        raise SourceError(
            f"key {', '.join(pull.key)} of {pull.table} is not unique, {row[0]:,} values come "
            "twice: name all columns of the key in feed.yaml"
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
            f"watermark '{pull.watermark}' of {pull.table} is neither a time nor a number in "
            f"{marked - max(times, numbers):,} of {marked:,} rows: choose another column in "
            "feed.yaml, or mend these"
        )
    marks = (
        Marks("number", number, unmarked) if marked == numbers else Marks("time", time, unmarked)
    )
    before = landed.newest(pull)
    if before is not None and not isinstance(marks.newest, type(before) | None):
        raise SourceError(
            f"watermark '{pull.watermark}' of {pull.table} was {NAMES[type(before)]} in what has "
            f"landed and is {NAMES[Decimal if marks.kind == 'number' else datetime]} now: choose "
            "another column in feed.yaml"
        )
    return marks


def _compare(table: Table, landed: Landed, read: Window) -> tuple[str, int, int]:
    """Returns the rows to deliver as SQL, how many they are, and how many of these are gone."""
    pull, columns = table.pull, list(table.columns)
    if pull.watermark:
        fresh = fresh_sql(landed.since(read.earliest), columns, pull)
    else:
        fresh = (
            ROWS_READ if _differs(table, Landed(landed.files[-1:])) else f"{ROWS_READ} and false"
        )
    rows = f"select *, false as {DELETED} from ({fresh})"
    if landed.files:
        if pull.deletes:
            gone = gone_sql(landed, all_columns(landed, columns), pull.key)
            rows += f" union all by name select *, true as {DELETED} from ({gone})"
        table.connection.execute(f"create or replace temp table delivery as {rows}")
        rows = "from delivery"
    row = table.connection.execute(
        f"select count(*), count(*) filter (where {DELETED}) from ({rows})"
    ).fetchone()
    return (rows, int(row[0]), int(row[1])) if row else (rows, 0, 0)


def _differs(table: Table, last: Landed) -> bool:
    """Whether the table is another one than in the last file."""
    if not last.files:
        return True
    columns = list(table.columns)
    if set(columns) != set(last.columns):
        return True
    fresh = fresh_sql(last, columns, Pull(table=table.pull.table))
    held = current_sql(landed_sql(last, columns), ())
    row = table.connection.execute(
        f"select exists({fresh}) or (select count(*) from ({held})) <> "
        f"(select count(*) from ({ROWS_READ}))"
    ).fetchone()
    return bool(row and row[0])
