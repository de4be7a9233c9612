"""A table as of the moment at which its slot begins; of what has landed already only what differs.

The slot goes with the connection until the snapshot is on disk as a draft, and only then is made
one that stays: no pull that was killed leaves a slot that keeps the server's log for nobody.
"""

from collections.abc import Sequence

import polars as pl

from ecom_assets.crash import crash_point
from ecom_assets.duck import file_literal, quote, scratch_folder
from ecom_assets.errors import SourceError
from ecom_assets.feeds import Pull
from ecom_assets.feeds.changes import CHANGE, COMMITTED_AT, LSN
from ecom_assets.feeds.pull import DELETED
from ecom_assets.sources.changes.change_source import ChangeSource
from ecom_assets.sources.changes.confirmed import note_confirmed
from ecom_assets.sources.changes.lsn import lsn_text, parse_lsn
from ecom_assets.sources.changes.replication import snapshot_rows
from ecom_assets.sources.changes.slot import Slot, begin_slot, keep_slot
from ecom_assets.sources.changes.spill import ROWS, Spill
from ecom_assets.sources.databases.dialect import DIALECTS, INSIDE, rows_sql
from ecom_assets.sources.delivery import check_key
from ecom_assets.sources.difference import all_columns, dated_sql, fresh_sql, gone_sql
from ecom_assets.sources.handing_over import DRAFT, Delivered, hand_over
from ecom_assets.sources.landed import Stream, read_manifests


def take_snapshot(source: ChangeSource, system: str, old: Slot | None) -> Delivered:
    """Delivers the table and makes its slot.

    Args:
        source: The table.
        system: The number of the server.
        old: The slot that gives way.

    Raises:
        SourceError: The key is not unique, or the server has no room for slots.
    """
    origin = begin_slot(source.command, source.address)
    _read(source, origin.snapshot)
    check_key(source.connection, source.pull)
    stream = Stream(
        system=system,
        relation=source.published.oid,
        slot=source.slot,
        end=lsn_text(origin.position),
    )
    columns = all_columns(source.landed, list(source.published.columns))
    rows = _rows(source, columns, stream.end)
    counted = source.count(rows)
    draft = source.draft(rows, counted, columns, stream)
    crash_point("snapshot_written")
    keep_slot(source.query, origin, source.slot, old)
    crash_point("slot_kept")
    path = hand_over(draft)
    note_confirmed(source.home, source.slot, origin.position)
    return Delivered(path, *counted)


def hand_over_snapshot(source: ChangeSource, slot: Slot | None) -> bool:
    """Hands over the snapshot of a pull that was killed when its slot had been made.

    Returns:
        Whether there was one.
    """
    for draft in sorted(source.inbox.glob(f"*.parquet{DRAFT}")):
        try:
            found = read_manifests(source.connection, [draft])
        except SourceError:  # it was killed while it wrote, and will read anew
            continue
        stream = found[draft].stream if draft in found else None
        begun = stream and stream.start is None and (stream.slot, parse_lsn(stream.end))
        if slot and begun == (slot.name, slot.confirmed):
            hand_over(draft)
            return True
    return False


def _read(source: ChangeSource, snapshot: str) -> None:
    """Reads the table into ``pulled``, as any pull of a whole table does."""
    columns = [*source.published.columns, INSIDE]
    sql = rows_sql(DIALECTS["postgres"], source.pull.place, source.published.columns, None, None)
    with scratch_folder(source.home) as folder:
        spill = Spill(folder)
        with snapshot_rows(source.address, snapshot, sql, ROWS) as cursor:
            while (rows := cursor.fetchmany(ROWS)) or not spill.pieces:
                values = list(zip(*rows, strict=True)) or [()] * len(columns)
                spill.write({name: _texts(v) for name, v in zip(columns, values, strict=True)})
        listed = ", ".join(map(file_literal, spill.pieces))
        source.connection.execute(
            f"create or replace temp table pulled as from read_parquet([{listed}])"
        )


def _texts(values: Sequence[object]) -> pl.Series:
    return pl.Series([None if v is None else str(v) for v in values], dtype=pl.String)


def _rows(source: ChangeSource, columns: list[str], lsn: str) -> str:
    key, landed = source.pull.key, source.landed
    pull = Pull(table=source.pull.place, key=key)
    fresh = fresh_sql(landed, list(source.published.columns), pull)
    rows = f"select *, false as {DELETED} from ({fresh})"
    if landed.files and source.pull.deletes:
        gone = gone_sql(landed, columns, key)
        rows += f" union all by name select *, true as {DELETED} from ({gone})"
    rows = dated_sql(rows, landed, list(source.published.columns), source.pull, source.moment)
    return (
        f"select *, {quote(lsn)} as {LSN}, 0 as {CHANGE}, "
        f"cast(null as timestamp) as {COMMITTED_AT} from ({rows})"
    )
