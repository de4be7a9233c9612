"""Landing: keep the delivered bytes, once, and note the delivery in the journal.

A file in the inbox is a delivery when its content differs from the newest journal entry of its
(store, feed, name), or when there is none. The inbox itself is never changed.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from threading import get_ident
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ecom_assets.crash import crash_point
from ecom_assets.errors import LandingError
from ecom_assets.feeds import Feed, load_feed
from ecom_assets.feeds.pull import pulled_moment
from ecom_assets.file_version import FileVersion, version_told_by
from ecom_assets.home import Home
from ecom_assets.ingest.content import (
    Content,
    content_hash,
    content_hashes,
    known_contents,
    remember_contents,
)
from ecom_assets.ingest.delivery_day import newest_day
from ecom_assets.ingest.journal import Delivery, append_to_journal, newest_landed, read_journal
from ecom_assets.ingest.unpack import unpacked_name
from ecom_assets.months import FIRST_MONTH, present_day
from ecom_assets.settings import settings
from ecom_assets.stores import Store, Stores

FIRST_DAY = date.fromisoformat(f"{FIRST_MONTH}-01")
UNFINISHED = (".tmp", ".part")
UNWRITABLE = ("Cc", "Cs")  # control characters, and bytes that are no UTF-8
CHUNK_BYTES = 1_000_000
SMALL_CHUNK_BYTES = 64_000
BATCH_FILES = 50  # many, so that handing over costs nothing; few, so that threads end together
Identity = tuple[str, str, str]
LONGEST_NAME = 200  # with the hashes before it, a name must stay below a file system's 255 bytes


class Arrival(NamedTuple):
    """A file in the inbox that is recognised as a file of a feed.

    An inbox of years has many: they are tuples, with a path that is text, for both are made fast.

    Attributes:
        store: Store id.
        feed: Feed name.
        name: File name.
        delivered_on: Its delivery day.
        place: Its path, as text.
        version: Its version when the folder was looked at.
        has_landed: Whether its content is known to be what landed last under its name.
    """

    store: str
    feed: str
    name: str
    delivered_on: date
    place: str
    version: FileVersion
    has_landed: bool = False

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.place)

    @property
    def month(self) -> str:
        """The month of delivery as ``2011-08``."""
        return self.delivered_on.isoformat()[:7]


@dataclass(frozen=True)
class Unrecognised:
    """Something in the inbox that is no delivery, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Kept:
    """The kept bytes of a delivery.

    Attributes:
        path: Where they lie, relative to the landing folder.
        sha256: Their hash.
        bytes: How many they are.
        source: The version of the delivered file before it was read.
    """

    path: str
    sha256: str
    bytes: int
    source: FileVersion


def scan_inbox(
    home: Home, stores: Stores, now: datetime
) -> tuple[list[Arrival], list[Unrecognised]]:
    """Lists what lies in the inbox, by store, feed and name.

    Args:
        home: The home whose inbox is read.
        stores: The stores; a folder of no known store or feed is unrecognised.
        now: The present, UTC; a file cannot be delivered in a later month.
    """
    arrivals: list[Arrival] = []
    held, contents = newest_landed(home.journal), known_contents(home)
    others: list[Unrecognised] = []
    for store_dir in _folders(home.inbox, others):
        store = stores.stores.get(store_dir.name)
        if store is None:
            others.append(Unrecognised(store_dir, "no store of this name in stores.yaml"))
            continue
        for feed_dir in _folders(store_dir, others):
            if feed_dir.name not in store.feeds:
                reason = f"stores.yaml gives store '{store_dir.name}' no feed of this name"
                others.append(Unrecognised(feed_dir, reason))
                continue
            feed = load_feed(feed_dir.name, home)
            of_feed = (store_dir.name, feed.feed)
            for entry in _entries(feed_dir, others):
                before = held.get((*of_feed, entry.name))
                if before and (same := _as_it_landed(entry, before, contents)):
                    arrivals.append(same)
                    continue
                try:
                    found = _recognise(entry, store_dir.name, store, feed, now)
                    if isinstance(found, Arrival) and feed.delivered_on.source == "column":
                        found = _dated_inside(home, found, (feed, store.timezone), held)
                except FileNotFoundError:  # taken away again
                    continue
                except OSError as error:  # what a link leads to, mostly
                    found = Unrecognised(Path(entry.path), _unreachable(error))
                (arrivals if isinstance(found, Arrival) else others).append(found)  # type: ignore[arg-type]
    return arrivals, [Unrecognised(_showable(other.path), other.reason) for other in others]


def new_arrivals(home: Home, arrivals: Sequence[Arrival]) -> Iterator[Arrival]:
    """Yields the arrivals that are deliveries; one of a new name is, whatever is in it."""
    held, hash_of = newest_landed(home.journal), content_hashes(home)
    for arrival in arrivals:
        if arrival.has_landed:
            continue
        known = held.get((arrival.store, arrival.feed, arrival.name))
        with suppress(FileNotFoundError):  # taken away again since the folder was read
            if known is None or known.sha256 != hash_of(arrival.place, arrival.version):
                yield arrival


def land(home: Home, arrivals: Sequence[Arrival], now: datetime) -> list[Delivery]:
    """Keeps the bytes of all new arrivals and notes them in the journal, in this order.

    A crash in between leaves bytes nobody refers to, never an entry without its bytes.

    Returns:
        The deliveries noted, in journal order.
    """
    entries = read_journal(home.journal)
    seq = entries[-1].seq if entries else 0
    landed: list[Delivery] = []
    read: dict[str, Content] = {}
    for arrival, kept in _keep_all(home, list(new_arrivals(home, arrivals))):
        read[arrival.place] = (kept.source, kept.sha256)
        landed.append(
            Delivery(
                seq=seq + len(landed) + 1,
                store=arrival.store,
                feed=arrival.feed,
                name=arrival.name,
                delivered_on=arrival.delivered_on,
                sha256=kept.sha256,
                bytes=kept.bytes,
                landed_at=now.replace(microsecond=0),
                path=kept.path,
            )
        )
    if landed:
        os.sync()  # all of them at once, with their folders; one by one took half of the landing
    crash_point("bytes_landed")
    if landed:
        append_to_journal(home.journal, landed)
    crash_point("deliveries_noted")
    remember_contents(home, {arrival.place: arrival.version for arrival in arrivals}, read)
    return landed


def _keep_all(home: Home, arrivals: Sequence[Arrival]) -> Iterator[tuple[Arrival, Kept]]:
    """Keeps files, some at a time side by side; in their order, without those taken away again."""
    for folder in dict.fromkeys(_folder(arrival) for arrival in arrivals):
        (home.landing / folder).mkdir(parents=True, exist_ok=True)
    batches = [arrivals[i : i + BATCH_FILES] for i in range(0, len(arrivals), BATCH_FILES)]

    def keep(batch: Sequence[Arrival]) -> list[Kept | None]:
        return [_keep(home.landing, arrival) for arrival in batch]

    with ThreadPoolExecutor(max_workers=settings().threads) as pool:
        for batch, all_kept in zip(batches, pool.map(keep, batches), strict=True):
            for arrival, kept in zip(batch, all_kept, strict=True):
                if kept:
                    yield arrival, kept


def _folder(arrival: Arrival) -> str:
    return f"{arrival.store}/{arrival.feed}/{arrival.delivered_on}"


def _keep(landing: Path, arrival: Arrival) -> Kept | None:
    """Copies a file to where its own content says; the name follows the bytes that were kept.

    Paths are put together as text: objects of them cost time in which no other thread goes on.

    Returns:
        None if the file has been taken away since it was looked at.
    """
    folder = _folder(arrival)
    draft = f"{landing}/.{os.getpid()}-{get_ident()}.part"  # where a sweep finds it
    try:
        sha256, size, source = _copy(arrival.path, draft)
        path = f"{folder}/{sha256[:12]}-{_plain_name(arrival.name)}"
        os.replace(draft, f"{landing}/{path}")  # noqa: PTH105  (see above)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not arrival.path.exists():
            return None
        Path(draft).unlink(missing_ok=True)
        raise LandingError(
            f"{arrival.path} cannot be kept in {landing / folder}: {error.strerror}. Nothing of "
            "this load has been noted; mend that and load again."
        ) from error
    return Kept(path, sha256, size, source)


def _plain_name(name: str) -> str:
    """Returns a name that every file system takes, another one for each name."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)[-LONGEST_NAME:]
    if plain == name:
        return plain
    return f"{hashlib.sha256(name.encode()).hexdigest()[:12]}~{plain}"


def _copy(source: Path, target: str) -> tuple[str, int, FileVersion]:
    """Copies a file.

    Returns:
        The SHA-256 and the size of what was copied, and the version of the file before that.
    """
    digest = hashlib.sha256()
    with source.open("rb", buffering=0) as delivered, open(target, "wb") as copy:  # noqa: PTH123
        version = version_told_by(os.fstat(delivered.fileno()))
        # memory for that much is got before it is read; it may have been begun just now
        step = min(max(version.size + 1, SMALL_CHUNK_BYTES), CHUNK_BYTES)
        while chunk := delivered.read(step):
            digest.update(chunk)
            copy.write(chunk)
        return digest.hexdigest(), copy.tell(), version


def _showable(path: Path) -> Path:
    """Replaces bytes that are no UTF-8, which neither a terminal nor an event log takes."""
    return Path(os.fsencode(path).decode("utf-8", errors="replace"))


def _folders(parent: Path, others: list[Unrecognised]) -> list[Path]:
    entries = [e for e in _entries(parent, others) if not e.name.startswith(".")]
    folders = [entry for entry in entries if _is_folder(entry)]
    others.extend(
        Unrecognised(Path(entry.path), "files belong into inbox/<store>/<feed>/")
        for entry in entries
        if entry not in folders
    )
    return [Path(entry.path) for entry in folders]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere
        return False


def _unreachable(error: OSError) -> str:
    return f"cannot be reached: {error.strerror}"


def name_fault(name: str, feed: Feed) -> str | None:
    """Returns why a file of this name is no delivery of a feed, None if it is one."""
    if name.startswith(".") or name.endswith(UNFINISHED):
        return "still being written (hidden, .tmp or .part)"
    if not name.isprintable() and any(unicodedata.category(c) in UNWRITABLE for c in name):
        return "its name has characters that cannot be written: rename it"
    if not re.fullmatch(feed.pattern, unpacked_name(name)):
        return (
            f"feed '{feed.feed}' wants names like {feed.example}, packed ones like "
            f"{feed.example}.zip (.gz, .zst) whatever the name inside"
        )
    return None


def _dated_inside(
    home: Home, arrival: Arrival, how: tuple[Feed, str], held: Mapping[Identity, Delivery]
) -> Arrival:
    """Returns the arrival on the newest day that its rows tell, never after it was written.

    One that has been landed keeps its day: its rows are not read again to find it.

    Args:
        home: The home.
        arrival: What lies in the inbox.
        how: Its feed and the store's zone.
        held: What has landed.
    """
    known = held.get((arrival.store, arrival.feed, arrival.name))
    if known and known.sha256 == content_hash(home, arrival.path):
        return arrival._replace(delivered_on=known.delivered_on)
    day = newest_day(home, arrival.path, *how)
    if day is None or day < FIRST_DAY:
        return arrival
    return arrival._replace(delivered_on=min(day, arrival.delivered_on))


@lru_cache(maxsize=100)
def _day_there(moment: datetime, timezone: str) -> date:
    return moment.astimezone(ZoneInfo(timezone)).date()


def _entries(folder: Path, others: list[Unrecognised]) -> list[os.DirEntry[str]]:
    """Returns what lies in a folder, by name; whether it is a file is known without asking."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=attrgetter("name"))
    except FileNotFoundError:  # never made, or taken away again
        return []
    except OSError as error:
        others.append(Unrecognised(folder, _unreachable(error)))
        return []


def _as_it_landed(
    entry: os.DirEntry[str], landed: Delivery, contents: Mapping[str, Content]
) -> Arrival | None:
    """Returns what is in the inbox as it landed, of which there is nothing to find out; else None.

    Nearly all files of an inbox are: it keeps every one that was ever delivered. What has landed
    stays a delivery, whatever names its feed takes by now and whoever may read the file.
    """
    try:
        version = version_told_by(entry.stat())
    except OSError:  # taken away again, or no file any more
        return None
    if contents.get(entry.path) != (version, landed.sha256):
        return None
    return Arrival(*landed.identity, landed.delivered_on, entry.path, version, has_landed=True)


def _recognise(
    entry: os.DirEntry[str], store_id: str, store: Store, feed: Feed, now: datetime
) -> Arrival | Unrecognised:
    fault = "not a file" if not entry.is_file() else None
    if not fault and not os.access(entry.path, os.R_OK):
        fault = "cannot be read: make it readable for this user"
    if fault := fault or name_fault(entry.name, feed):
        return Unrecognised(Path(entry.path), fault)
    version = version_told_by(entry.stat())
    pulled = pulled_moment(entry.name) if feed.pull else None  # in order, whatever clocks did
    is_named = pulled or feed.delivered_on.source == "name"
    changed_at = now if is_named else datetime.fromtimestamp(version.mtime_ns // 10**9, UTC)
    day = feed.delivery_day(entry.name, _day_there(pulled or changed_at, store.timezone))
    if day is None:
        fault = f"no delivery day in its name ({feed.delivered_on.format})"
        return Unrecognised(Path(entry.path), fault)
    last = present_day(now)
    if day < FIRST_DAY or (last.year, last.month) < (day.year, day.month):
        told = "that in its name" if is_named else "when it was last changed"
        fault = f"its delivery day, {told}, lies before 1995 or after this month"
        return Unrecognised(Path(entry.path), fault)
    return Arrival(store_id, feed.feed, entry.name, day, entry.path, version)
