"""Dagster's SQLite event log, made to write a batch of events in one transaction.

Dagster logs an event per asset and partition and hands them to the storage in batches; its SQLite
storage opens a new engine and connection several times for each single event, which took longer
than all data work of a year's first load (measured in DECISIONS.md). Named in dagster.yaml; the
files and their schema are Dagster's own.
"""

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection

from ecom_assets.settings import batch_dagster_events


class BatchingEventLogStorage(SqliteEventLogStorage):
    """Keeps its connections open while it stores a batch; otherwise as Dagster made it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Also asks Dagster to send events in batches at all."""
        batch_dagster_events()
        self._open: dict[str, Connection] = {}
        self._batch_thread = 0
        super().__init__(*args, **kwargs)
        self._db_lock = threading.RLock()

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "BatchingEventLogStorage":
        """Makes the storage that dagster.yaml names."""
        return cls(inst_data=inst_data, **config_value)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Stores events in one transaction per file: all are there, or none is."""
        with self._db_lock, ExitStack() as stack:
            for shard in {INDEX_SHARD_NAME, *(event.run_id for event in events)}:
                self._open[shard] = stack.enter_context(super()._connect(shard))
            self._batch_thread = threading.get_ident()
            try:
                for event in events:
                    self.store_event(event)
            finally:
                self._open.clear()

    @contextmanager
    def _connect(self, shard: str) -> Generator[Connection]:
        if shard in self._open and self._batch_thread == threading.get_ident():
            yield self._open[shard]
            return
        with super()._connect(shard) as connection:
            yield connection
