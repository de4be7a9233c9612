"""The replication slot of a feed: how far it has been confirmed, and how it is made.

One slot for each feed of a store, so that each goes on from what has landed of it alone: a feed
that cannot be pulled holds back no other, and one that is added later needs no other's snapshot.
"""

import hashlib
import time
from dataclasses import dataclass
from secrets import token_hex

from ecom_assets.errors import SourceError
from ecom_assets.feeds.changes import Changes
from ecom_assets.sources.changes.lsn import parse_lsn
from ecom_assets.sources.changes.replication import Query, Replication
from ecom_assets.sources.databases.address import Address
from ecom_assets.sources.databases.connection import PATIENCE_SECONDS

LONGEST_NAME = 63
POLL_SECONDS = 0.1
PLUGIN = "pgoutput"


@dataclass(frozen=True)
class Slot:
    """A slot at the server.

    Attributes:
        name: Its name.
        confirmed: Up to where its reader has said that it needs no more; None where it is lost.
        is_active: Whether somebody reads it now.
    """

    name: str
    confirmed: int | None
    is_active: bool


@dataclass(frozen=True)
class Origin:
    """Where a new slot begins: its position, and the snapshot that shows the tables as of there."""

    slot: str
    position: int
    snapshot: str


def slot_name(changes: Changes, store: str, feed: str) -> str:
    """Returns the name of a feed's slot; one too long for Postgres ends in its own hash."""
    name = changes.slot or f"ecom_{store}_{feed}"
    if len(name) <= LONGEST_NAME:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - len(mark) - 1]}_{mark}"


def find_slot(query: Query, address: Address, name: str) -> Slot | None:
    """Returns a slot, None where there is none of that name.

    Raises:
        SourceError: A slot of that name is none of ours.
    """
    query.execute(
        "select plugin::text, database::text = current_database(), confirmed_flush_lsn::text, "
        "active, coalesce(to_jsonb(s)->>'wal_status', '') = 'lost' "
        "from pg_replication_slots as s where slot_name = %s",
        (name,),
    )
    found = query.fetchone()
    if found is None:
        return None
    plugin, is_here, confirmed, is_active, is_lost = found
    if plugin != PLUGIN or not is_here:
        raise SourceError(
            f"{address!r} has a slot {name} of another plugin or another database: name another "
            "`slot` under `changes`"
        )
    return Slot(name, None if is_lost or confirmed is None else parse_lsn(confirmed), is_active)


def idle_slot(query: Query, address: Address, name: str) -> Slot | None:
    """Returns a slot that nobody reads; waits a little for one whose reader has just gone.

    Raises:
        SourceError: Somebody reads it.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        slot = find_slot(query, address, name)
        if slot is None or not slot.is_active:
            return slot
        if time.monotonic() > deadline:
            raise SourceError(
                f"slot {name} of {address!r} is being read by somebody else: pull again when that "
                "is done; if it is another home, name another `slot` under `changes` in stores.yaml"
            )
        time.sleep(POLL_SECONDS)


def begin_slot(command: Replication, address: Address) -> Origin:
    """Makes a slot that goes with the connection, and exports the snapshot from which it begins.

    The snapshot lasts until the connection's next command.
    """
    name = f"ecom_snapshot_{token_hex(8)}"
    command.execute(f"CREATE_REPLICATION_SLOT {name} TEMPORARY LOGICAL {PLUGIN}")
    found = command.fetchone()
    if found is None:
        raise SourceError(f"{address!r} made no slot: pull again")
    return Origin(name, parse_lsn(found[1]), found[2])


def keep_slot(query: Query, origin: Origin, name: str, old: Slot | None) -> None:
    """Makes a slot that stays out of one that would go; an old one of the name gives way."""
    if old:
        query.execute("select pg_drop_replication_slot(%s)", (name,))
    query.execute("select pg_copy_logical_replication_slot(%s, %s, false)", (origin.slot, name))


def server_position(command: Replication, address: Address) -> tuple[str, int]:
    """Returns the number that a server has given itself, and how far its log is on disk."""
    command.execute("IDENTIFY_SYSTEM")
    found = command.fetchone()
    if found is None:
        raise SourceError(f"{address!r} does not tell who it is: pull again")
    return str(found[0]), parse_lsn(found[2])
