"""The messages of pgoutput, the output plugin of Postgres for logical replication. Pure.

Version 1 of its protocol (https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html):
a transaction comes whole, after its commit; one that was rolled back never comes. Every value is
text; its form is a matter of the session.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final, Literal

PROTOCOL = "1"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
LENGTH = struct.Struct("!I")
IN_KEY = 1  # the flag of a column that is part of the replica identity


class Unsent(Enum):
    """What stands for a value that did not change and lies outside of the row (TOAST)."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unsent.UNCHANGED
Value = str | Literal[Unsent.UNCHANGED] | None
Values = tuple[Value, ...]


@dataclass(frozen=True)
class Begin:
    """A transaction begins.

    Attributes:
        lsn: Where its commit lies in the log.
        committed_at: When it was committed, UTC.
    """

    lsn: int
    committed_at: datetime


@dataclass(frozen=True)
class Commit:
    """The transaction that began last has ended."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, the number of its type, whether changes name its old value."""

    name: str
    type_oid: int
    is_identity: bool


@dataclass(frozen=True)
class Relation:
    """A table as the changes that follow have it; it comes anew when the table was altered."""

    oid: int
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Insert:
    """A row that is new."""

    relation: int
    new: Values


@dataclass(frozen=True)
class Update:
    """A row that was changed.

    Attributes:
        relation: Number of the table.
        new: Its values now.
        old: Its values before, None unless the identity changed or is the whole row.
        is_old_whole: Whether ``old`` is the whole row; else only its identity is known.
    """

    relation: int
    new: Values
    old: Values | None = None
    is_old_whole: bool = False


@dataclass(frozen=True)
class Delete:
    """A row that is gone; see :class:`Update`."""

    relation: int
    old: Values
    is_old_whole: bool


@dataclass(frozen=True)
class Truncate:
    """Tables that were emptied."""

    relations: tuple[int, ...]


Message = Begin | Commit | Relation | Insert | Update | Delete | Truncate


def decode(data: bytes) -> Message | None:
    """Returns the message in a packet, None where it is none that matters.

    Raises:
        ValueError: It is no message of this protocol, or its text no UTF-8.
    """
    kind = data[:1]
    read = _READERS.get(kind)
    if read is None and kind not in _IGNORED:
        raise ValueError(f"a message {kind!r} is none of pgoutput's protocol {PROTOCOL}")
    try:
        return read(_Packet(data, 1)) if read else None
    except struct.error as error:
        raise ValueError(f"a message {kind!r} of {len(data)} bytes is cut short") from error


class _Packet:
    """The bytes of a message and how far they have been read."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def number(self, form: str) -> int:
        """Reads a number of a form of ``struct``."""
        value: int = struct.unpack_from(form, self.data, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def take(self, count: int) -> bytes:
        """Reads bytes."""
        end = self.at + count
        if end > len(self.data):
            raise struct.error
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def text(self) -> str:
        """Reads a text that a zero byte ends."""
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise struct.error
        return self.take(end - self.at + 1)[:-1].decode()

    def values(self) -> Values:
        """Reads the values of a row; in one loop, for nearly all that is sent are values."""
        found: list[Value] = []
        count, data, at = self.number("!H"), self.data, self.at
        for _ in range(count):
            kind = data[at : at + 1]
            at += 1
            if kind == b"t":
                start = at + LENGTH.size
                at = start + LENGTH.unpack_from(data, at)[0]
                found.append(data[start:at].decode())
            elif kind in (b"n", b"u"):
                found.append(UNCHANGED if kind == b"u" else None)
            else:  # nothing, or a form that was not asked for
                raise struct.error
        if at > len(data):
            raise struct.error
        self.at = at
        return tuple(found)


def _begin(packet: _Packet) -> Begin:
    lsn, microseconds = packet.number("!Q"), packet.number("!q")
    return Begin(lsn, EPOCH + timedelta(microseconds=microseconds))


def _commit(packet: _Packet) -> Commit:
    del packet  # it repeats what the beginning has told
    return Commit()


def _relation(packet: _Packet) -> Relation:
    oid = packet.number("!I")
    for _ in ("schema", "name"):
        packet.text()
    packet.take(1)  # the kind of identity
    columns: list[Column] = []
    for _ in range(packet.number("!H")):
        flags, name = packet.number("!B"), packet.text()
        columns.append(Column(name, packet.number("!I"), bool(flags & IN_KEY)))
        packet.take(4)  # the modifier of the type
    return Relation(oid, tuple(columns))


def _insert(packet: _Packet) -> Insert:
    relation, _ = packet.number("!I"), packet.take(1)
    return Insert(relation, packet.values())


def _update(packet: _Packet) -> Update:
    relation, mark = packet.number("!I"), packet.take(1)
    if mark == b"N":
        return Update(relation, packet.values())
    old, _ = packet.values(), packet.take(1)
    return Update(relation, packet.values(), old, mark == b"O")


def _delete(packet: _Packet) -> Delete:
    relation, mark = packet.number("!I"), packet.take(1)
    return Delete(relation, packet.values(), mark == b"O")


def _truncate(packet: _Packet) -> Truncate:
    count, _ = packet.number("!I"), packet.take(1)
    return Truncate(tuple(packet.number("!I") for _ in range(count)))


_READERS: dict[bytes, Callable[[_Packet], Message]] = {
    b"B": _begin,
    b"C": _commit,
    b"R": _relation,
    b"I": _insert,
    b"U": _update,
    b"D": _delete,
    b"T": _truncate,
}
_IGNORED = (b"O", b"Y", b"M")  # where a transaction came from, a type, an application's message
