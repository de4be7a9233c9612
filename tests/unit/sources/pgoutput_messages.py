"""Messages of pgoutput as a server sends them, byte by byte."""

import struct
from collections.abc import Iterable, Sequence
from datetime import datetime

from ecom_assets.sources.changes.pgoutput import EPOCH, UNCHANGED, Value

TABLE = 16_385


def begin(lsn: int, at: datetime = EPOCH) -> bytes:
    microseconds = round((at - EPOCH).total_seconds() * 1_000_000)
    return b"B" + struct.pack("!QqI", lsn, microseconds, 700)


def commit(lsn: int) -> bytes:
    return b"C" + struct.pack("!BQQq", 0, lsn, lsn + 40, 0)


def relation(
    columns: Iterable[tuple[str, int]], identity: Sequence[str], oid: int = TABLE
) -> bytes:
    listed = list(columns)
    head = struct.pack("!I", oid) + b"public\0t\0d" + struct.pack("!H", len(listed))
    return (
        b"R"
        + head
        + b"".join(
            struct.pack("!B", name in identity)
            + name.encode()
            + b"\0"
            + struct.pack("!Ii", kind, -1)
            for name, kind in listed
        )
    )


def values(row: Sequence[Value]) -> bytes:
    return struct.pack("!H", len(row)) + b"".join(map(_value, row))


def insert(*row: Value, oid: int = TABLE) -> bytes:
    return b"I" + struct.pack("!I", oid) + b"N" + values(row)


def update(*row: Value, old: Sequence[Value] = (), mark: bytes = b"K") -> bytes:
    before = mark + values(old) if old else b""
    return b"U" + struct.pack("!I", TABLE) + before + b"N" + values(row)


def delete(*row: Value, mark: bytes = b"K") -> bytes:
    return b"D" + struct.pack("!I", TABLE) + mark + values(row)


def truncate(*oids: int) -> bytes:
    return b"T" + struct.pack("!IB", len(oids), 0) + struct.pack(f"!{len(oids)}I", *oids)


def _value(value: Value) -> bytes:
    if value is None:
        return b"n"
    if value is UNCHANGED:
        return b"u"
    text = value.encode()
    return b"t" + struct.pack("!I", len(text)) + text
