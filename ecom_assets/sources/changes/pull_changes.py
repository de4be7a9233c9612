"""Pulling the changes of one table of Postgres: a snapshot first, then what its slot has since.

A snapshot is the table as of the moment at which the slot begins, so that no change lies between
the two or in both. What has landed tells from where a pull goes on; the server is told that it may
forget changes only when their file is on disk. In between a pull may die: then the same changes
come again, and are left out by their position in the log.
"""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

import duckdb

from ecom_assets.errors import SourceError
from ecom_assets.feeds import Feed, Pull
from ecom_assets.feeds.changes import ANEW, Changes
from ecom_assets.home import Home
from ecom_assets.sources.changes.change_source import ChangeSource
from ecom_assets.sources.changes.confirmed import last_confirmed
from ecom_assets.sources.changes.continuity import Found, what_is_lost
from ecom_assets.sources.changes.published import find_published
from ecom_assets.sources.changes.replication import ask_postgres, queries, replication
from ecom_assets.sources.changes.slot import Slot, idle_slot, server_position, slot_name
from ecom_assets.sources.changes.snapshot import hand_over_snapshot, take_snapshot
from ecom_assets.sources.changes.streamed import deliver_changes
from ecom_assets.sources.databases.address import Address
from ecom_assets.sources.handing_over import Delivered
from ecom_assets.sources.landed import Stream, next_moment, read_landed


def pull_changes(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    address: Address,
    target: tuple[str, Feed],
    now: datetime,
    *,
    anew: bool = False,
) -> Delivered | None:
    """Delivers the changes of a table that have not landed, or the table where nothing has.

    Args:
        connection: A scratch database.
        home: The home; the caller holds its writer lock.
        address: Whose database it is.
        target: Store id and feed, which says what is pulled.
        now: The present, UTC.
        anew: Whether to take a snapshot even if changes could be read on.

    Returns:
        The file, or None where nothing has changed.

    Raises:
        SourceError: The changes cannot be read, or not all of them.
    """
    store, feed = target
    pull = feed.pull
    if pull is None or pull.changes is None:
        return None
    changes, asked = pull.changes, (connection, home, address)
    if address.kind != "postgres":
        raise SourceError(f"{address!r} is none of Postgres, of which alone changes can be read")
    return ask_postgres(
        address, pull.place, lambda: _pull(asked, (store, feed, pull, changes), now, anew=anew)
    )


def _pull(
    asked: tuple[duckdb.DuckDBPyConnection, Home, Address],
    target: tuple[str, Feed, Pull, Changes],
    now: datetime,
    *,
    anew: bool,
) -> Delivered | None:
    connection, home, address = asked
    store, feed, pull, changes = target
    with ExitStack() as closing:
        query = closing.enter_context(queries(address))
        published = find_published(query, address, feed, pull, changes.publication)
        command = closing.enter_context(replication(address))
        landed = read_landed(connection, home, store, feed.feed)
        source = ChangeSource(
            connection=connection,
            home=home,
            inbox=home.feed_inbox(store, feed.feed),
            address=address,
            pull=pull,
            changes=changes,
            slot=slot_name(changes, store, feed.feed),
            query=query,
            command=command,
            published=published,
            landed=landed,
            moment=next_moment(landed, now),
        )
        slot = idle_slot(query, address, source.slot)
        if hand_over_snapshot(source, slot):
            landed = read_landed(connection, home, store, feed.feed)
            source = replace(source, landed=landed, moment=next_moment(landed, now))
        system, position = server_position(command, address)
        last = source.last
        if anew or last is None or last.slot != source.slot:
            _check_owner(source, slot, anew=anew)
            return take_snapshot(source, system, slot)
        _check_continues(source, slot, last, (system, position))
        return deliver_changes(source, last, position)


def _check_owner(source: ChangeSource, slot: Slot | None, *, anew: bool) -> None:
    """Refuses to take away a slot through which nothing has landed here."""
    ours = {file.manifest.stream.slot for file in source.landed.files if file.manifest.stream}
    if slot and not anew and slot.name not in ours:
        raise SourceError(
            f"{source.address!r} has a slot {slot.name} already, and nothing that has landed here "
            "came through it: if another home reads it, name another `slot` under `changes` in "
            f"stores.yaml; if nobody does, {ANEW}"
        )


def _check_continues(
    source: ChangeSource, slot: Slot | None, last: Stream, server: tuple[str, int]
) -> None:
    """Refuses to go on where changes since the last pull are not to be had."""
    noted = last_confirmed(source.home, source.slot)
    found = Found(*server, source.published.oid, slot, noted)
    if fault := what_is_lost(last, found):
        raise SourceError(
            f"{source.address!r} {fault}; what changed in {source.pull.place} in between is lost: "
            f"{ANEW}"
        )
