"""Dagster's SQLite event log, made to write a batch of asset events in one transaction per file.

Dagster logs an event per asset and partition and hands them to the storage in batches; its SQLite
storage then opens new connections and looks up tables for each single event, which took longer
than all data work of a year's first load (DECISIONS.md, "Dagster and dbt"). Named in dagster.yaml;
the files and their schema are Dagster's own.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import groupby
from typing import Any

from dagster import EventLogEntry, Field, StringSource
from dagster._config import UserConfigSchema
from dagster._core.events import ASSET_EVENTS
from dagster._core.storage.event_log import SqlEventLogStorageTable, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.event import listen
from sqlalchemy.pool import QueuePool

from ecom_assets.settings import batch_dagster_events, dagster_home


@lru_cache(maxsize=16)
def _engine(url: str) -> Engine:
    """Returns the engine of a file, which keeps one connection open.

    SQLite writes its log back into the file whenever the last connection is closed.
    """
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=-1,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )
    listen(engine, "connect", _sync_at_checkpoints)
    return engine


def _sync_at_checkpoints(connection: DBAPIConnection, record: object) -> None:
    """Waits for the disk where the log is written back, not after each of 1,300 commits.

    A process that is killed loses nothing; a machine that loses power loses the newest events.
    """
    del record
    cursor = connection.cursor()
    cursor.execute("pragma synchronous = normal")
    cursor.close()


class BatchingEventLogStorage(SqliteEventLogStorage):
    """Stores a batch of one run's asset events at once; otherwise as Dagster made it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Also asks Dagster to send events in batches at all."""
        batch_dagster_events()
        self._tables_seen: set[str] = set()
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "BatchingEventLogStorage":
        """Makes the storage that dagster.yaml names."""
        folder = config_value.get("base_dir") or str(dagster_home() / "history")
        return cls(inst_data=inst_data, base_dir=folder)

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """Takes another folder than ``$DAGSTER_HOME/history``, so that a home can be moved."""
        return {"base_dir": Field(StringSource, is_required=False)}

    def has_table(self, table_name: str) -> bool:
        """Remembers the tables that are there: Dagster asks anew at every event."""
        if table_name not in self._tables_seen and super().has_table(table_name):
            self._tables_seen.add(table_name)
        return table_name in self._tables_seen

    @contextmanager
    def _connect(self, shard: str) -> Generator[Connection]:
        """Reuses the engine of a file, and with it all SQL that was compiled before."""
        if shard not in self._initialized_dbs:
            with super()._connect(shard):  # makes the tables
                pass
        engine = _engine(self.conn_string_for_shard(shard))
        with self._db_lock, engine.connect() as connection, connection.begin():
            yield connection

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Stores events as :meth:`store_event` would, in order; neighbours of assets together."""
        for (run_id, of_assets), neighbours in groupby(events, key=_kind):
            if of_assets:
                self._store_asset_events(run_id, list(neighbours))
            else:
                for event in neighbours:
                    self.store_event(event)

    def _store_asset_events(self, run_id: str, events: Sequence[EventLogEntry]) -> None:
        rows = [self._event_to_row(event) for event in events]
        insert = SqlEventLogStorageTable.insert()
        with self.run_connection(run_id) as connection:
            connection.execute(insert, rows)
        with self.index_transaction() as connection:
            ids = [int(connection.execute(insert, row).lastrowid) for row in rows]
            self._store_asset_event_tags(connection, events, ids)
            newest = {
                (event.get_dagster_event().asset_key, event.dagster_event_type): (event, event_id)
                for event, event_id in zip(events, ids, strict=True)
            }
            for event, event_id in newest.values():
                self._store_asset_event(connection, event, event_id)


def _kind(event: EventLogEntry) -> tuple[str, bool]:
    return event.run_id, event.dagster_event_type in ASSET_EVENTS
