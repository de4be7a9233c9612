"""What every step of pulling changes works with, and the file that each of them delivers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ecom_assets.duck import file_literal
from ecom_assets.feeds import Pull
from ecom_assets.feeds.changes import COMMITTED_AT, LSN, Changes
from ecom_assets.feeds.pull import DELETED
from ecom_assets.home import Home
from ecom_assets.sources.changes.lsn import parse_lsn
from ecom_assets.sources.changes.published import Published
from ecom_assets.sources.changes.replication import Query, Replication
from ecom_assets.sources.changes.slot import find_slot
from ecom_assets.sources.databases.address import Address
from ecom_assets.sources.handing_over import write_draft
from ecom_assets.sources.landed import Landed, PullManifest, Stream


@dataclass(frozen=True)
class ChangeSource:
    """A table whose changes are pulled.

    Attributes:
        connection: A scratch database.
        home: The home.
        inbox: The feed's folder.
        address: The database.
        pull: The table.
        changes: From where its changes come.
        slot: The name of the slot.
        query: A connection for queries.
        command: A connection for replication.
        published: The table as it is published.
        landed: What has been pulled.
        moment: The moment of the pull.
    """

    connection: duckdb.DuckDBPyConnection
    home: Home
    inbox: Path
    address: Address
    pull: Pull
    changes: Changes
    slot: str
    query: Query
    command: Replication
    published: Published
    landed: Landed
    moment: datetime

    @property
    def last(self) -> Stream | None:
        """What the newest file that has landed says of its changes."""
        return self.landed.files[-1].manifest.stream if self.landed.files else None

    def commits(self) -> dict[str, datetime]:
        """Returns when the commits were that have landed and may come again, UTC, by position."""
        slot = find_slot(self.query, self.address, self.slot)
        since = (slot and slot.confirmed) or 0
        streams = ((file.path, file.manifest.stream) for file in self.landed.files)
        paths = [path for path, s in streams if s and s.start and parse_lsn(s.end) > since]
        if not paths:
            return {}
        found = self.connection.execute(
            f"select {LSN}, max({COMMITTED_AT}) from "
            f"read_parquet([{', '.join(map(file_literal, paths))}]) group by all"
        ).fetchall()
        return {lsn: at.replace(tzinfo=UTC) for lsn, at in found}

    def count(self, rows: str) -> tuple[int, int]:
        """Returns how many rows SQL yields, and of how many of these the row is gone."""
        counted = self.connection.execute(
            f"select count(*), count(*) filter (where {DELETED}) from ({rows})"
        ).fetchone()
        return counted or (0, 0)

    def draft(
        self, rows: str, counted: tuple[int, int], columns: list[str], stream: Stream
    ) -> Path:
        """Writes the draft of a file.

        Args:
            rows: The rows, as SQL.
            counted: How many they are.
            columns: The columns of the table in them.
            stream: Which changes they are.
        """
        manifest = PullManifest(
            source=self.address.kind,
            table=self.pull.place,
            rows=counted[0],
            deleted=counted[1],
            columns={name: self.published.columns.get(name, "text") for name in columns},
            pulled_at=self.moment,
            stream=stream,
        )
        return write_draft(self.connection, rows, self.inbox, manifest)
