"""The journal of deliveries: append-only, one JSON object a line.

A delivery's identity is (store, feed, name); its newest entry wins whole, also when that content
was seen before. A line that a crash cut short is no entry and is cut off by the next append.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import orjson

from ecom_assets.errors import ConfigurationError
from ecom_assets.file_version import FileVersion, file_version
from ecom_assets.replace_file import put_on_disk

# By journal, the content that was parsed last: mostly it has grown since, and only what was added
# is parsed.
_parsed: dict[Path, tuple[bytes, tuple["Delivery", ...]]] = {}


class Delivery(NamedTuple):
    """One journal entry; there are many, and a tuple is made in half the time of another object.

    Attributes:
        seq: Position in the journal, from 1.
        store: Store id.
        feed: Feed name.
        name: File name as delivered.
        delivered_on: Day of delivery (the store's own day where the file's name tells it).
        sha256: Hash of the delivered bytes.
        bytes: Size in bytes.
        landed_at: When it was landed, UTC.
        path: Where the bytes lie, relative to the landing folder.
    """

    seq: int
    store: str
    feed: str
    name: str
    delivered_on: date
    sha256: str
    bytes: int
    landed_at: datetime
    path: str

    @property
    def month(self) -> str:
        """The month of delivery as ``2011-08``."""
        return self.delivered_on.isoformat()[:7]

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two entries the same delivery: (store, feed, name)."""
        return (self.store, self.feed, self.name)


def read_journal(path: Path) -> list[Delivery]:
    """Returns all complete entries in the order of landing.

    Raises:
        ConfigurationError: An entry is no entry.
    """
    if not path.is_file():
        return []
    return list(_entries(path, file_version(path)))


def newest_landed(path: Path) -> Mapping[tuple[str, str, str], Delivery]:
    """Returns the newest entry of each (store, feed, name) of a journal, found once for a content.

    Raises:
        ConfigurationError: An entry is no entry.
    """
    return _newest(path, file_version(path)) if path.is_file() else {}


@lru_cache(maxsize=1)
def _newest(path: Path, version: FileVersion) -> Mapping[tuple[str, str, str], Delivery]:
    return MappingProxyType(newest(_entries(path, version)))


@lru_cache(maxsize=1)
def _entries(path: Path, version: FileVersion) -> tuple[Delivery, ...]:
    """Parses the journal once for each content: a load looks at it a dozen times."""
    del version  # it only tells one content from another
    content = path.read_bytes()
    whole = content[: _whole_lines(content)]
    known, entries = _parsed.get(path, (b"", ()))
    if not whole.startswith(known):  # restored from a backup
        known, entries = b"", ()
    try:
        entries = (*entries, *map(_entry, whole[len(known) :].splitlines()))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{path} is damaged ({error}): restore it, with the folder beside it, from a backup"
        ) from error
    _parsed[path] = whole, entries
    return entries


def append_to_journal(path: Path, deliveries: Sequence[Delivery]) -> None:
    """Appends entries durably: they are on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(0)
        file.truncate(_whole_lines(file.read()))
        file.write(b"".join(_format(delivery) for delivery in deliveries))
    put_on_disk([path])


def newest(deliveries: Iterable[Delivery]) -> dict[tuple[str, str, str], Delivery]:
    """Returns the newest entry of each (store, feed, name)."""
    return {d.identity: d for d in sorted(deliveries, key=lambda d: d.seq)}


def _whole_lines(content: bytes) -> int:
    """Returns how many bytes of a journal are not a line that was cut short."""
    return content.rfind(b"\n") + 1


def _format(delivery: Delivery) -> bytes:
    return json.dumps(delivery._asdict(), default=str, ensure_ascii=False).encode() + b"\n"


def _entry(line: bytes) -> Delivery:
    entry = orjson.loads(line)
    entry["delivered_on"] = date.fromisoformat(entry["delivered_on"])
    entry["landed_at"] = datetime.fromisoformat(entry["landed_at"])
    if not isinstance(entry["seq"], int):
        raise TypeError(f"seq {entry['seq']!r} is no number")
    return Delivery(**entry)
