"""Rows on their way from Postgres to DuckDB: pieces of Parquet in a folder that is removed.

However many rows there are, so many are in memory at once as a piece has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ecom_assets.feeds.changes import CHANGE, COMMITTED_AT, LSN
from ecom_assets.feeds.pull import DELETED
from ecom_assets.sources.changes.change_rows import ChangeRow
from ecom_assets.sources.changes.known_values import LIFE, UNKNOWN, was_columns

ROWS = 50_000


@dataclass
class Spill:
    """Pieces in a folder.

    Attributes:
        folder: Where they lie.
        pieces: They, in their order.
    """

    folder: Path
    pieces: list[Path] = field(default_factory=list)

    def write(self, columns: dict[str, pl.Series]) -> None:
        """Writes a piece."""
        path = self.folder / f"{len(self.pieces):06d}.parquet"
        pl.DataFrame(columns).write_parquet(path, compression="lz4")
        self.pieces.append(path)


@dataclass
class ChangeSpill:
    """Changes on their way.

    Attributes:
        spill: Where they go.
        key: The key of the table.
        columns: The columns that the changes have now.
        seen: All that any had.
        unsaid: Those that some change says nothing of.
        waiting: Those of no piece yet.
    """

    spill: Spill
    key: Sequence[str]
    columns: tuple[str, ...] = ()
    seen: dict[str, None] = field(default_factory=dict)
    unsaid: set[str] = field(default_factory=set)
    waiting: list[ChangeRow] = field(default_factory=list)

    def has_columns(self, columns: Iterable[str]) -> None:
        """Takes note that the changes to come have these columns."""
        named = tuple(columns)
        if named == self.columns:  # servers repeat themselves
            return
        if self.waiting:
            self.flush()
        self.columns = named
        self.seen |= dict.fromkeys(self.columns)

    def add(self, row: ChangeRow) -> None:
        """Adds a change."""
        self.waiting.append(row)
        self.unsaid.update(row.unknown)
        if len(self.waiting) >= ROWS:
            self.flush()

    def flush(self) -> None:
        """Writes what waits; the first time also where nothing does, so that there is a piece."""
        rows = self.waiting
        if rows or not self.spill.pieces:
            self.spill.write(self._piece(rows))
        self.waiting = []

    def _piece(self, rows: Sequence[ChangeRow]) -> dict[str, pl.Series]:
        texts = {
            name: pl.Series([row.values[name] for row in rows], dtype=pl.String)
            for name in self.columns
        }
        was = {
            name: pl.Series([row.was[0][index] for row in rows], dtype=pl.String)
            for index, name in enumerate(was_columns(self.key))
        }
        return {
            **texts,
            **was,
            LIFE: pl.Series([row.was[1] for row in rows], dtype=pl.Int64),
            UNKNOWN: pl.Series([row.unknown for row in rows], dtype=pl.List(pl.String)),
            DELETED: pl.Series([row.is_deleted for row in rows], dtype=pl.Boolean),
            LSN: pl.Series([row.lsn for row in rows], dtype=pl.String),
            CHANGE: pl.Series([row.number for row in rows], dtype=pl.Int64),
            COMMITTED_AT: pl.Series(
                [row.committed_at.replace(tzinfo=None) for row in rows], dtype=pl.Datetime("us")
            ),
        }
