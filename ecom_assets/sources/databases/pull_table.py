"""Pulling one feed from a table of a database."""

from dataclasses import replace
from datetime import datetime

import duckdb

from ecom_assets.duck import quote
from ecom_assets.feeds import Feed
from ecom_assets.home import Home
from ecom_assets.sources.databases.address import Address
from ecom_assets.sources.databases.connection import snapshot
from ecom_assets.sources.databases.invalid_text import naming_invalid_text
from ecom_assets.sources.databases.table import Table, describe_table
from ecom_assets.sources.delivery import Read, deliver
from ecom_assets.sources.difference import as_number, as_time, missed_sql
from ecom_assets.sources.handing_over import Delivered
from ecom_assets.sources.landed import Landed, next_moment, next_window, read_landed
from ecom_assets.sources.window import WHOLE, Window


def pull_table(
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
    database = address.fingerprint
    is_other = landed.are_of_another(database)
    with naming_invalid_text(table), snapshot(connection, address):
        read = _read(table, Landed() if is_other else landed)
    rows = Read(address.kind, pull, table.columns, read.start, read.earliest, database)
    delivered = deliver(connection, rows, landed, home.feed_inbox(store, feed.feed), moment)
    return delivered and replace(delivered, is_of_another=is_other)


def _read(table: Table, landed: Landed) -> Window:
    """Reads the window into ``pulled``; the whole table where rows outside may have been missed."""
    pull = table.pull
    wanted = next_window(landed, pull)
    if wanted.start is not None:
        wanted = replace(wanted, by_day=table.compares_text)
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
