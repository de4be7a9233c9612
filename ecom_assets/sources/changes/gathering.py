"""From the messages of a slot to the table ``filled``, where each change is whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ecom_assets.duck import file_literal, identifier
from ecom_assets.errors import SourceError
from ecom_assets.feeds.changes import ANEW
from ecom_assets.sources.changes.change_rows import ChangeReader, ChangeRow, Emptied
from ecom_assets.sources.changes.known_values import emptied_sql, filled_sql, held_sql, unsaid_sql
from ecom_assets.sources.changes.pgoutput import Message
from ecom_assets.sources.changes.spill import ChangeSpill, Spill
from ecom_assets.sources.landed import Landed


@dataclass(frozen=True)
class Gathering:
    """Where changes are gathered.

    Attributes:
        connection: A scratch database.
        landed: What has been pulled of the table.
        folder: For pieces on their way.
    """

    connection: duckdb.DuckDBPyConnection
    landed: Landed
    folder: Path

    def gather(
        self, reader: ChangeReader, messages: Iterable[Message], present: Iterable[str]
    ) -> list[str]:
        """Reads changes into ``filled``.

        Args:
            reader: Picks those of the table.
            messages: All that the slot sends.
            present: The columns that the table has now.

        Returns:
            The columns of the changes: those of the table, then any that it had in between; none
            where there is no change.

        Raises:
            SourceError: A change leaves out a value that nobody knows.
        """
        spill = ChangeSpill(Spill(self.folder), reader.key)
        emptied: list[Emptied] = []
        for found in reader.read(messages):
            match found:
                case ChangeRow():
                    spill.add(found)
                case Emptied():
                    emptied.append(found)
                case _:
                    spill.has_columns(column.name for column in found.columns)
        spill.flush()
        if not reader.number:
            return []
        columns = _distinct([*present, *spill.seen])
        self._load(columns, spill.spill.pieces)
        unsaid = {name for name in columns if emptied} | spill.unsaid
        self._fill(reader, columns, unsaid, emptied)
        return columns

    def _load(self, columns: list[str], pieces: list[Path]) -> None:
        """Makes ``changes`` of the pieces, with all columns."""
        run, listed = self.connection.execute, ", ".join(map(file_literal, pieces))
        run(
            "create or replace temp table changes as "
            f"from read_parquet([{listed}], union_by_name = true)"
        )
        present = {str(row[0]).lower() for row in run("describe changes").fetchall()}
        for name in columns:
            if name.lower() not in present:
                run(f"alter table changes add column {identifier(name)} varchar")

    def _fill(
        self, reader: ChangeReader, columns: list[str], unsaid: set[str], emptied: list[Emptied]
    ) -> None:
        """Makes ``filled`` of ``changes``, with what had landed where that is needed."""
        run, key = self.connection.execute, reader.key
        landed = self.landed if unsaid else Landed()
        run(held_sql(landed, columns, key, is_whole=bool(emptied)))
        for event in emptied:
            run(emptied_sql(event, columns, key))
        run(filled_sql(columns, key, unsaid))
        lacking = run(unsaid_sql(columns)).fetchone()
        if lacking and lacking[0]:
            raise SourceError(
                f"{lacking[0]:,} changes of {reader.table} leave out large values that stayed as "
                f"they were and never landed: alter table {reader.table} replica identity full, "
                f"and {ANEW}"
            )


def _distinct(names: Iterable[str]) -> list[str]:
    """Returns names once each; two that differ in case alone are one column in a file."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(name.lower(), name)
    return list(kept.values())
