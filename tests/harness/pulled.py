"""A table or an endpoint that a test writes and pulls, and what came of each pull."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ecom_assets.feeds import Feed
from ecom_assets.feeds.pull import EXAMPLE_NAME
from ecom_assets.home import Home
from ecom_assets.sources.databases.address import parse_address
from ecom_assets.sources.databases.connection import source_connection
from ecom_assets.sources.databases.pull_table import pull_table
from ecom_assets.sources.handing_over import Delivered
from ecom_assets.sources.landed import PullManifest

VARIABLE = "MY_SHOP_DB"
FEED = {
    "feed": "things",
    "description": "Things of a shop.",
    "owner": "team:test",
    "format": "parquet",
    "pattern": r".*\.parquet",
    "example": EXAMPLE_NAME,
    "delivered_on": {"from": "landed"},
    "columns": [{"name": "id", "header": "id", "required": True}],
}
FIRST_PULL = datetime(2026, 3, 29, 1, tzinfo=UTC)

Row = tuple[str | bool | datetime | None, ...]


class SqliteFile:
    """A SQLite database; its connections are closed at once, for locks are of the process."""

    moment = "timestamp"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def run(self, *statements: str) -> None:
        """Executes statements in one transaction."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)


class Pulled:
    """A source, and the home into which it is pulled."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.now = FIRST_PULL
        self.feed = Feed.model_validate(FEED)

    @property
    def inbox(self) -> Path:
        """Where the files arrive."""
        return self.home.feed_inbox("shop", "things")

    def deliver(self) -> Delivered | None:
        """Pulls an hour after the last time."""
        raise NotImplementedError

    def pull(self, *columns: str) -> list[Row]:
        """Pulls; returns the rows of the file, sorted, with ``_deleted``; none without a file."""
        delivered = self.deliver()
        if delivered is None:
            return []
        shown = (
            ", ".join(f'"{column}"' for column in columns)
            or "* exclude (_deleted, _pulled_at, _counts_from)"
        )
        return duckdb.sql(
            f"select {shown}, _deleted from read_parquet('{delivered.path}') order by all"
        ).fetchall()

    def manifest(self) -> PullManifest:
        """Returns what the newest file says of itself."""
        newest = sorted(self.inbox.glob("*.parquet"))[-1]
        (text,) = duckdb.sql(
            f"select decode(value) from parquet_kv_metadata('{newest}') "
            "where decode(key) = 'ecom_pull'"
        ).fetchone() or ("{}",)
        return PullManifest.model_validate(json.loads(text))


class PulledTable(Pulled):
    """The table ``t`` of a database, or another one."""

    def __init__(self, root: Path, database: Any, **pull: Any) -> None:
        super().__init__(root)
        self.database = database
        self.pulls(**pull)

    def pulls(self, **pull: Any) -> "PulledTable":
        """Says how the table is pulled from now on."""
        self.feed = Feed.model_validate({**FEED, "pull": {"table": "t", **pull}})
        return self

    def write(self, *statements: str) -> None:
        """Executes SQL in the shop's database; ``{moment}`` stands for its type of times."""
        run: Callable[..., None] = self.database.run
        run(*(statement.replace("{moment}", self.database.moment) for statement in statements))

    def deliver(self) -> Delivered | None:
        """Pulls an hour after the last time."""
        address = parse_address(VARIABLE, self.database.url)
        self.now += timedelta(hours=1)
        with source_connection(self.home, address) as connection:
            return pull_table(connection, self.home, address, ("shop", self.feed), self.now)
