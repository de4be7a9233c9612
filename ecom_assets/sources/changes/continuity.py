"""Whether changes can be read on from where they have landed, or some are lost. Pure."""

from dataclasses import dataclass

from ecom_assets.sources.changes.confirmed import Noted
from ecom_assets.sources.changes.lsn import parse_lsn
from ecom_assets.sources.changes.slot import Slot
from ecom_assets.sources.landed import Stream


@dataclass(frozen=True)
class Found:
    """What a pull finds at the server.

    Attributes:
        system: The number that the server has given itself.
        position: How far its log is on disk.
        relation: The number of the table.
        slot: The slot, None where there is none.
        noted: How far this home last confirmed the slot, None where it remembers nothing of it.
    """

    system: str
    position: int
    relation: int
    slot: Slot | None
    noted: Noted | None


def what_is_lost(last: Stream, found: Found) -> str | None:
    """Returns why changes between the last pull and this one are not to be had, None if they are.

    Args:
        last: What the newest file that has landed says.
        found: What is there now.
    """
    slot, landed = found.slot, parse_lsn(last.end)
    if found.system != last.system or found.position < landed:
        return "is another server than last time, or was restored from a backup"
    if found.relation != last.relation:
        return "has made the table anew since the last pull"
    if slot is None:
        return f"has no slot {last.slot} any more, and kept no changes for it"
    if slot.confirmed is None:
        return (
            f"has thrown away changes that slot {slot.name} had not read (see its "
            "max_slot_wal_keep_size)"
        )
    return _read_on(slot, slot.confirmed, landed, found.noted)


def _read_on(slot: Slot, confirmed: int, landed: int, noted: Noted | None) -> str | None:
    """Returns that somebody else has read a slot on, as far as can be told; None if not."""
    if noted is None and confirmed != landed:
        return (
            f"has a slot {slot.name} that does not stand where what has landed ends, and this home "
            "remembers nothing of it: the home or the server was restored from a backup, or "
            "another home reads the slot"
        )
    if noted and noted.position is not None and confirmed > max(noted.position, landed):
        return (
            f"has a slot {slot.name} that was read on, but not by this home: by another one, or "
            "before this one was restored from a backup (each home needs a `slot` of its own)"
        )
    return None
