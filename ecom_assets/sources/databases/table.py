"""The table of a source as it is now: its columns, and whether the feed can make use of them."""

from dataclasses import dataclass

import duckdb

from ecom_assets.duck import quote
from ecom_assets.errors import SourceError
from ecom_assets.feeds import Feed, Pull
from ecom_assets.sources.columns import columns_fault
from ecom_assets.sources.databases.address import Address
from ecom_assets.sources.databases.connection import SOURCE
from ecom_assets.sources.databases.dialect import (
    DIALECTS,
    Dialect,
    holds_text,
    invalid_sql,
    newest_sql,
    rows_sql,
    since,
)
from ecom_assets.sources.databases.failure import ask
from ecom_assets.sources.window import Window

NO_TABLE = "has no table {}: see `pull` in feed.yaml"


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
        sql = newest_sql(self.dialect, self.pull.place, column, self.columns[column])
        row = self._ask(f"from {_asked(self.dialect, sql)}").fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def read(self, window: Window) -> None:
        """Reads the rows of a window into ``pulled``; where deletes count also the other keys."""
        condition = None
        if window.start is not None:
            condition = since(self.dialect, str(self.pull.watermark), window.literal)
        always = self.pull.key if self.pull.deletes else None
        sql = rows_sql(self.dialect, self.pull.place, self.columns, condition, always)
        self._ask(f"create or replace temp table pulled as from {_asked(self.dialect, sql)}")

    def first_invalid(self, column: str) -> tuple[str | None, ...] | None:
        """Returns the key of a row of SQLite whose text in a column is no UTF-8, None without one.

        What is no UTF-8 in the key itself is None.
        """
        sql = invalid_sql(self.pull.place, column, self.pull.key)
        keys = "".join(f"try(decode(unhex(k{no}))), " for no, _ in enumerate(self.pull.key))
        row = self._ask(
            f"select {keys}true from {_asked(self.dialect, sql)} "
            "where try(decode(unhex(bytes))) is null limit 1"
        ).fetchone()
        return None if row is None else row[:-1]

    def _ask(self, sql: str) -> duckdb.DuckDBPyConnection:
        return ask(self.address, self.pull.place, lambda: self.connection.execute(sql))


def describe_table(
    connection: duckdb.DuckDBPyConnection, address: Address, feed: Feed, pull: Pull
) -> Table:
    """Looks at a table.

    Raises:
        SourceError: There is no such table, or it lacks a column that the feed or the pull needs.
    """
    dialect = DIALECTS[address.kind]
    sql = f"from {_asked(dialect, dialect.columns(pull.place))}"
    found = ask(address, pull.place, lambda: connection.execute(sql).fetchall())
    columns = {str(name): str(kind) for name, kind in found}
    fault = columns_fault(list(columns), feed, pull) if columns else NO_TABLE.format(pull.place)
    if fault:
        raise SourceError(f"{address!r} {fault}")
    return Table(connection, address, pull, columns)


def _asked(dialect: Dialect, sql: str) -> str:
    return f"{dialect.function}('{SOURCE}', {quote(sql)})"
