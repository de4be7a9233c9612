"""The changes that a slot has, up to now, as one file; then the server may forget them."""

import psycopg2

from ecom_assets.crash import crash_point
from ecom_assets.duck import scratch_folder
from ecom_assets.errors import SourceError
from ecom_assets.sources.changes.already_read import AlreadyRead
from ecom_assets.sources.changes.change_rows import ChangeReader
from ecom_assets.sources.changes.change_source import ChangeSource
from ecom_assets.sources.changes.confirmed import note_confirmed
from ecom_assets.sources.changes.gathering import Gathering
from ecom_assets.sources.changes.known_values import changed_rows_sql
from ecom_assets.sources.changes.lsn import lsn_text, parse_lsn
from ecom_assets.sources.changes.published import base_types
from ecom_assets.sources.changes.replication import replication
from ecom_assets.sources.changes.stream import confirm, read_stream
from ecom_assets.sources.handing_over import Delivered, hand_over
from ecom_assets.sources.landed import Stream


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
    ended = parse_lsn(last.end)
    again = AlreadyRead(source.published.oid, repr(source.address), ended, source.commits())
    delivered = None
    with scratch_folder(source.home) as folder:
        with replication(source.address) as reading:
            messages = read_stream(reading, source.address, slot, position)
            reader = ChangeReader(
                source.published.oid,
                source.pull.place,
                source.pull.key,
                base_types(source.query),
                source.landed.files[-1].manifest.pulled_at,
            )
            gathering = Gathering(source.connection, source.landed, folder)
            columns = gathering.gather(reader, again.left_out(messages), source.published.columns)
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
        f"{source.pull.place} have been delivered and may be forgotten: pull again"
    )
