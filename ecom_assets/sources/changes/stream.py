"""Reading a slot: all transactions up to a position of the server's log, then no more."""

import select
import time
from collections.abc import Iterator

from ecom_assets.errors import SourceError
from ecom_assets.sources.changes.pgoutput import PROTOCOL, Begin, Message, decode
from ecom_assets.sources.changes.replication import Query, Replication, replication
from ecom_assets.sources.changes.slot import find_slot, idle_slot
from ecom_assets.sources.databases.address import Address

ASK_SECONDS = 0.2  # without a message, until the server is asked how far it is
SILENCE_SECONDS = 120.0  # without any progress, until a pull gives up
CONFIRM_SECONDS = 30.0


def read_stream(
    stream: Replication, address: Address, slot: tuple[str, str], end: int
) -> Iterator[Message]:
    """Yields the messages of all transactions that the slot has, up to a position.

    Nothing is confirmed by reading: what had come before comes again until it is.

    Args:
        stream: A connection for replication.
        address: Whose it is.
        slot: The slot and the publication.
        end: The position that no transaction lies at or after.

    Raises:
        SourceError: The server is silent, or says what nobody understands.
    """
    _start(stream, slot, 0)  # that is, where it was confirmed
    for data in _packets(stream, address, end):
        try:
            message = decode(data)
        except ValueError as error:
            raise SourceError(f"what {address!r} sent cannot be read: {error}") from error
        if isinstance(message, Begin) and message.lsn >= end:
            return
        if message is not None:
            yield message


def confirm(query: Query, address: Address, slot: tuple[str, str], position: int) -> int | None:
    """Tells the server that nothing before a position is needed again, and waits until it knows.

    That takes a connection of its own: one that has read for long, and then was silent while a
    file was written, may be gone.

    Args:
        query: Asks the database.
        address: Which that is.
        slot: The slot, which nobody reads, and the publication.
        position: Up to where everything is on disk.

    Returns:
        What the server has noted: that position, or one further on up to where it had nothing.

    Raises:
        SourceError: It does not take note; what has been read comes again and is then known.
    """
    idle_slot(query, address, slot[0])
    deadline = time.monotonic() + CONFIRM_SECONDS
    with replication(address) as stream:
        _start(stream, slot, position)
        while time.monotonic() < deadline:
            stream.send_feedback(flush_lsn=position, apply_lsn=position, reply=True, force=True)
            found = find_slot(query, address, slot[0])
            if found is None or found.confirmed is None or found.confirmed >= position:
                return found and found.confirmed
            _wait(stream)
            stream.read_message()
    raise SourceError(f"{address!r} took no note of what was read from {slot[0]}: pull again")


def _start(stream: Replication, slot: tuple[str, str], position: int) -> None:
    name, publication = slot
    quoted = '"' + publication.replace('"', '""') + '"'
    stream.start_replication(
        slot_name=name,
        start_lsn=position,
        options={"proto_version": PROTOCOL, "publication_names": quoted},
        decode=False,
    )


def _packets(stream: Replication, address: Address, end: int) -> Iterator[bytes]:
    """Yields what a server sends until it says that it has sent all up to a position."""
    seen, heard_at = 0, time.monotonic()
    while stream.wal_end < end:
        packet = stream.read_message()
        if packet is not None:
            heard_at = time.monotonic()
            yield packet.payload
            continue
        if stream.wal_end > seen:
            seen, heard_at = stream.wal_end, time.monotonic()
        if time.monotonic() - heard_at > SILENCE_SECONDS:
            raise SourceError(
                f"{address!r} has sent no change for {SILENCE_SECONDS:.0f} seconds: nothing of "
                "this pull was kept, pull again"
            )
        if not _wait(stream):
            stream.send_feedback(reply=True, force=True)


def _wait(stream: Replication) -> bool:
    return bool(select.select([stream], [], [], ASK_SECONDS)[0])
