"""The changes that a slot has, up to now, as one file; then the server may forget them."""

from collections.abc import Iterable
from pathlib import Path

import psycopg2

from ecom_assets.crash import crash_point
from ecom_assets.duck import file_literal, identifier, scratch_folder
from ecom_assets.errors import SourceError
from ecom_assets.sources.change_rows import ChangeReader, ChangeRow, Emptied
from ecom_assets.sources.change_source import ChangeSource
from ecom_assets.sources.confirmed import note_confirmed
from ecom_assets.sources.delivery import Delivered, hand_over
from ecom_assets.sources.known_values import (
    changed_rows_sql,
    emptied_sql,
    filled_sql,
    held_sql,
    unsaid_sql,
)
from ecom_assets.sources.landed import Stream
from ecom_assets.sources.lsn import lsn_text, parse_lsn
from ecom_assets.sources.pgoutput import Message
from ecom_assets.sources.published import base_types
from ecom_assets.sources.replication import replication
from ecom_assets.sources.slot import ANEW
from ecom_assets.sources.spill import ChangeSpill, Spill
from ecom_assets.sources.stream import confirm, read_stream


def deliver_changes(source: ChangeSource, last: Stream, position: int) -> Delivered | None:
    """Delivers what was committed before a position and has not landed, and confirms that.

    Args:
        source: The table.
        last: What the newest file holds.
        position: How far the server's log was on disk when the pull began.

    Returns:
        The file, or None where nothing was changed; that is confirmed too.

    Raises:
        SourceError: The server is gone, or a change is not whole; nothing is kept or confirmed.
    """
    slot = (source.slot, source.changes.publication)
    stream = last.model_copy(update={"start": last.end, "end": lsn_text(position)})
    note_confirmed(source.home, source.slot, None)
    bounds = (parse_lsn(last.end), position)
    delivered = None
    with scratch_folder(source.home) as folder:
        with replication(source.address) as reading:
            columns = _read(source, read_stream(reading, source.address, slot, bounds), folder)
        rows = changed_rows_sql(columns, source.pull) if columns else ""
        counted = source.count(rows) if rows else (0, 0)
        if counted[0]:
            draft = source.draft(rows, counted, columns, stream)
            delivered = Delivered(hand_over(draft), *counted)
            crash_point("changes_handed_over")
    confirmed = _confirm(source, slot, position, delivered)
    note_confirmed(source.home, source.slot, confirmed)
    return delivered


def _confirm(
    source: ChangeSource, slot: tuple[str, str], position: int, delivered: Delivered | None
) -> int | None:
    """Confirms; where that fails, it is told what is true of the file all the same."""
    try:
        return confirm(source.query, source.address, slot, position)
    except psycopg2.Error:
        if delivered is None:
            raise
    raise SourceError(
        f"{source.address!r} could not be told that {delivered.rows:,} changes of "
        f"{source.pull.table} have been delivered and may be forgotten: pull again"
    )


def _read(source: ChangeSource, messages: Iterable[Message], folder: Path) -> list[str]:
    """Reads changes into ``filled``; returns their columns, none where there is no change."""
    key = source.pull.key
    since = source.landed.files[-1].manifest.pulled_at
    reader = ChangeReader(
        source.published.oid, source.pull.table, key, base_types(source.query), since
    )
    spill = ChangeSpill(Spill(folder), key)
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
    columns = _distinct([*source.published.columns, *spill.seen])
    _fill(source, columns, spill.spill.pieces, emptied)
    return columns


def _fill(
    source: ChangeSource, columns: list[str], pieces: list[Path], emptied: list[Emptied]
) -> None:
    run, key = source.connection.execute, source.pull.key
    listed = ", ".join(map(file_literal, pieces))
    run(
        "create or replace temp table changes as "
        f"from read_parquet([{listed}], union_by_name = true)"
    )
    present = {str(row[0]).lower() for row in run("describe changes").fetchall()}
    for name in columns:
        if name.lower() not in present:
            run(f"alter table changes add column {identifier(name)} varchar")
    run(held_sql(source.landed, columns, key, is_whole=bool(emptied)))
    for event in emptied:
        run(emptied_sql(event, columns, key))
    run(filled_sql(columns, key))
    unsaid = run(unsaid_sql(columns)).fetchone()
    if unsaid and unsaid[0]:
        raise SourceError(
            f"{unsaid[0]:,} changes of {source.pull.table} leave out large values that stayed as "
            f"they were and never landed: alter table {source.pull.table} replica identity full, "
            f"and {ANEW}"
        )


def _distinct(names: Iterable[str]) -> list[str]:
    """Returns names once each; two that differ in case alone are one column in a file."""
    return list({name.lower(): name for name in reversed(list(names))}.values())[::-1]
