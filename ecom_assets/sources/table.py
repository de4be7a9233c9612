"""The table of a source as it is now: its columns, and whether the feed can make use of them."""

from dataclasses import dataclass

import duckdb

from ecom_assets.duck import quote
from ecom_assets.errors import SourceError
from ecom_assets.feeds import Feed, Pull
from ecom_assets.feeds.pull import MARKS
from ecom_assets.ingest.readable import header_fault
from ecom_assets.sources.address import Address
from ecom_assets.sources.connection import SOURCE
from ecom_assets.sources.dialect import (
    DIALECTS,
    INSIDE,
    Dialect,
    holds_text,
    newest_sql,
    rows_sql,
    since,
)
from ecom_assets.sources.failure import ask
from ecom_assets.sources.window import Window


@dataclass(frozen=True)
class Table:
    """A table of an attached database.

    Attributes:
        connection: Where that is attached.
        address: Whose it is.
        pull: How it is read.
        columns: Declared types by column, in the table's order.
    """

    connection: duckdb.DuckDBPyConnection
    address: Address
    pull: Pull
    columns: dict[str, str]

    @property
    def dialect(self) -> Dialect:
        """How its database is asked."""
        return DIALECTS[self.address.kind]

    @property
    def compares_text(self) -> bool:
        """Whether the database compares the watermarks as text."""
        return holds_text(self.dialect, self.columns[str(self.pull.watermark)])

    def newest(self) -> str | None:
        """Returns the table's newest watermark as text, None where it has none."""
        column = str(self.pull.watermark)
        sql = newest_sql(self.dialect, self.pull.table, column, self.columns[column])
        row = self._ask(f"from {_asked(self.dialect, sql)}").fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def read(self, window: Window) -> None:
        """Reads the rows of a window into ``pulled``; where deletes count also the other keys."""
        condition = None
        if window.start is not None:
            condition = since(self.dialect, str(self.pull.watermark), window.literal)
        always = self.pull.key if self.pull.deletes else None
        sql = rows_sql(self.dialect, self.pull.table, self.columns, condition, always)
        self._ask(f"create or replace temp table pulled as from {_asked(self.dialect, sql)}")

    def _ask(self, sql: str) -> duckdb.DuckDBPyConnection:
        return ask(self.address, self.pull.table, lambda: self.connection.execute(sql))


def describe_table(
    connection: duckdb.DuckDBPyConnection, address: Address, feed: Feed, pull: Pull
) -> Table:
    """Looks at a table.

    Raises:
        SourceError: There is no such table, or it lacks a column that the feed or the pull needs.
    """
    dialect = DIALECTS[address.kind]
    sql = f"from {_asked(dialect, dialect.columns(pull.table))}"
    found = ask(address, pull.table, lambda: connection.execute(sql).fetchall())
    columns = {str(name): str(kind) for name, kind in found}
    if fault := columns_fault(list(columns), feed, pull):
        raise SourceError(f"{address!r} {fault}")
    return Table(connection, address, pull, columns)


def columns_fault(columns: list[str], feed: Feed, pull: Pull) -> str | None:
    """Returns why a feed can make no use of a table of these columns, None if it can."""
    if not columns:
        return f"has no table {pull.table}: see `pull` in feed.yaml"
    lowered = [name.lower() for name in columns]
    if len(set(lowered)) < len(lowered):
        return f"has columns in {pull.table} that differ only in case: pull a view without them"
    if taken := sorted({*MARKS, INSIDE} & set(lowered)):
        return f"has a column {taken[0]} in {pull.table}, a name of ours: pull a view without it"
    watermark = None if pull.changes else pull.watermark
    asked = [name for name in (watermark, *pull.key) if name]
    if lacking := [name for name in asked if name not in columns]:
        return f"has no column {', '.join(lacking)} in {pull.table}: see `pull` in feed.yaml"
    if fault := header_fault([*columns, *MARKS], feed):
        return f"does not give {pull.table} as feed '{feed.feed}' needs it: {fault}"
    return None


def _asked(dialect: Dialect, sql: str) -> str:
    return f"{dialect.function}('{SOURCE}', {quote(sql)})"
