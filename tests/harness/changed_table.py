"""The table ``t`` of a real PostgreSQL whose changes a test makes and pulls."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from ecom_assets.feeds import Feed
from ecom_assets.sources.changes.pull_changes import pull_changes
from ecom_assets.sources.databases.address import parse_address
from ecom_assets.sources.databases.connection import source_connection
from ecom_assets.sources.handing_over import Delivered
from tests.harness.pulled import FEED, VARIABLE, PulledTable, Row

SLOT = "ecom_shop_things"
THINGS = "create table t (id integer primary key, name text, big text)"
PUBLISH = "create publication ecom for table t"
LATER = timedelta(hours=1)
COLUMNS = [
    {"name": "id", "header": "id", "required": True},
    {"name": "change", "header": "_change", "type": "integer"},
]


class ChangedTable(PulledTable):
    """A table that is pulled by its changes, and the home into which it is pulled."""

    def __init__(self, root: Path, database: Any, **pull: Any) -> None:
        super().__init__(root, database, **({"key": ["id"]} | pull))

    def pulls(self, **pull: Any) -> "ChangedTable":
        """Says how the table is pulled from now on."""
        said = {
            "table": "t",
            "key": ["id"],
            "deletes": True,
            "changes": {"publication": "ecom"},
            **pull,
        }
        self.feed = Feed.model_validate({**FEED, "columns": COLUMNS, "pull": said})
        return self

    def made(self, *statements: str, table: str = THINGS) -> "ChangedTable":
        """Makes the table, publishes it, and executes more."""
        self.write(table, PUBLISH, *statements)
        return self

    def deliver(self, *, anew: bool = False) -> Delivered | None:
        """Pulls an hour after the last time."""
        address = parse_address(VARIABLE, self.database.url)
        self.now += LATER
        target = ("shop", self.feed)
        with source_connection(self.home, address) as connection:
            return pull_changes(connection, self.home, address, target, self.now, anew=anew)

    def pull(self, *columns: str, anew: bool = False) -> list[Row]:
        """Pulls; returns the rows of the file in their order, with ``_deleted``."""
        delivered = self.deliver(anew=anew)
        return [] if delivered is None else self.rows(delivered.path, *(columns or ("id", "name")))

    def rows(self, path: Path, *columns: str) -> list[Row]:
        """Returns the rows of a file in their order, with ``_deleted``."""
        shown = ", ".join(f'"{column}"' for column in columns)
        return duckdb.sql(f"select {shown}, _deleted from read_parquet('{path}')").fetchall()

    def landed(self, *columns: str) -> list[Row]:
        """Returns all rows of all files in the order of their landing."""
        paths = sorted(self.inbox.glob("*.parquet"))
        return [row for path in paths for row in self.rows(path, *(columns or ("id", "name")))]

    def confirmed(self) -> str:
        """Returns what the server knows of the slot: how far it was confirmed."""
        return self.database.ask(
            f"select confirmed_flush_lsn from pg_replication_slots where slot_name = '{SLOT}'"
        )
