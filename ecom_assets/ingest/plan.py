"""Planning: which files of which month have to be read. Pure.

The journal says what should be in the lake, the manifests say what is. A month is stale where
the two differ: a file is new, replaced, moved to another month, or would be read differently
today because its feed, contract or store changed.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources

from ecom_assets.contracts import Contract
from ecom_assets.feeds import Feed
from ecom_assets.ingest.journal import Delivery, newest
from ecom_assets.ingest.manifest import LoadedFile, Manifest, Part
from ecom_assets.ingest.unpack import likely_bytes
from ecom_assets.stores import Store

TOGETHER_BYTES = 16_000_000  # of months of a feed that are read at once
CROWD = 4
SMALL_BYTES = 64_000_000  # of a batch; four of them are one of the largest that are read at once

# All modules that decide what a file's rows are.
READERS = (
    *("account", "cast", "fault", "judge_lines", "judge_rows", "judging", "load", "lost_columns"),
    *(
        "parts",
        "read",
        "read_csv",
        "read_fixed",
        "read_json",
        "read_parquet",
        "read_xlsx",
        "readable",
        "reject",
        "scan_lines",
        "transcode",
        "unpack",
    ),
)
# What is said about a feed, where its files belong, and what only decides whether to publish.
FEED_WORDS = {
    "description",
    "owner",
    "example",
    "pattern",
    "delivered_on",
    "pull",
    "required",
    "max_rejected_pct",
}
CONTRACT_WORDS = {"description", "grain", "owner", "freshness"}
COLUMN_WORDS = {"description", "pii"}


@dataclass(frozen=True)
class MonthPlan:
    """What to do about one stale (store, feed, month).

    Attributes:
        store: Store id.
        feed: Feed name.
        month: Month of delivery.
        read: Deliveries to read, each with its fingerprint.
        kept_files: Files whose parts stay as they are.
        kept_parts: The parts of these.
        before: What the lake holds, in any month, by the names of the files to read.
    """

    store: str
    feed: str
    month: str
    read: tuple[tuple[Delivery, str], ...]
    kept_files: tuple[LoadedFile, ...]
    kept_parts: tuple[Part, ...]
    before: Mapping[str, LoadedFile] = field(default_factory=dict[str, LoadedFile])


@lru_cache(maxsize=1)
def reader_version() -> str:
    """Returns the hash of the code that reads files: what is read by other code is read anew."""
    folder = resources.files("ecom_assets.ingest")
    code = b"".join((folder / f"{name}.py").read_bytes() for name in READERS)
    return hashlib.sha256(code).hexdigest()


def reading_fingerprint(feed: Feed, contracts: Mapping[str, Contract], store: Store) -> str:
    """Returns the hash of all that decides how a file of this feed and store is read."""
    inputs = {
        "reader": reader_version(),
        "feed": feed.model_dump(mode="json", exclude=FEED_WORDS),
        "types": {column.name: column.sql_type for column in feed.columns},
        "contracts": [_decisive(contracts[name]) for name in sorted(feed.sql)],
        "clock": store.timezone,
        "currency": store.currency,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _decisive(contract: Contract) -> dict[str, object]:
    """Returns all of a contract that decides which rows are accepted, and as what."""
    columns = [c.model_dump(mode="json", exclude=COLUMN_WORDS) for c in contract.columns]
    rest = contract.model_dump(mode="json", exclude=CONTRACT_WORDS | {"columns"})
    return {**rest, "columns": columns, "types": contract.table_schema()}


def file_fingerprint(delivery: Delivery | LoadedFile, reading: str) -> str:
    """Returns the hash of a delivery and of how it is read."""
    text = f"{reading}|{delivery.sha256}|{delivery.name}|{delivery.delivered_on}|{delivery.seq}"
    return hashlib.sha256(text.encode()).hexdigest()


def plan(
    deliveries: Iterable[Delivery],
    manifests: Mapping[tuple[str, str, str], Manifest],
    readings: Mapping[tuple[str, str], str],
) -> list[MonthPlan]:
    """Returns one plan for each stale month, months that gain files before those that lose some.

    Args:
        deliveries: The journal.
        manifests: What the lake holds, by (store, feed, month).
        readings: Reading fingerprint by (store, feed); deliveries of others are left alone.
    """
    wanted: dict[tuple[str, str, str], list[tuple[Delivery, str]]] = defaultdict(list)
    for delivery in newest(deliveries).values():
        reading = readings.get((delivery.store, delivery.feed))
        if reading:
            key = (delivery.store, delivery.feed, delivery.month)
            wanted[key].append((delivery, file_fingerprint(delivery, reading)))
    known = {key for key in manifests if (key[0], key[1]) in readings}
    plans = (_plan_month(key, wanted[key], manifests.get(key)) for key in sorted({*wanted, *known}))
    stale = _with_files_before([p for p in plans if p], manifests)
    return sorted(stale, key=lambda p: (not p.read, p.month, p.store, p.feed))


def read_together(plans: Iterable[MonthPlan]) -> list[list[MonthPlan]]:
    """Returns plans that are read at once: small months of one feed. The earliest come first.

    To read no rows at all takes 20 ms. Large feeds are not read side by side where others wait:
    that takes more memory.
    """
    together: list[list[MonthPlan]] = []
    size = 0
    for month in sorted(plans, key=lambda p: (p.store, p.feed, p.month)):
        more = sum(likely_bytes(delivery.path, delivery.bytes) for delivery, _ in month.read)
        last = together[-1][-1] if together else None
        is_same_feed = last is not None and (last.store, last.feed) == (month.store, month.feed)
        if is_same_feed and size + more <= TOGETHER_BYTES:
            together[-1].append(month)
            size += more
        else:
            together.append([month])
            size = more
    return sorted(together, key=lambda months: months[0].month)


def _with_files_before(
    plans: Sequence[MonthPlan], manifests: Mapping[tuple[str, str, str], Manifest]
) -> list[MonthPlan]:
    held: dict[tuple[str, str], dict[str, LoadedFile]] = {(p.store, p.feed): {} for p in plans}
    for (store, feed, _), manifest in manifests.items():
        files = held.get((store, feed))
        if files is not None:
            files.update((f.name, f) for f in manifest.files)
    return [
        replace(p, before={d.name: files[d.name] for d, _ in p.read if d.name in files})
        for p in plans
        for files in [held[p.store, p.feed]]
    ]


def _plan_month(
    key: tuple[str, str, str], wanted: list[tuple[Delivery, str]], held: Manifest | None
) -> MonthPlan | None:
    held_files = held.files if held else ()
    fingerprints = {fingerprint for _, fingerprint in wanted}
    if {file.fingerprint for file in held_files} == fingerprints:
        return None
    stale = {file.batch for file in held_files if file.fingerprint not in fingerprints}
    kept = _without(
        [file for file in held_files if file.fingerprint in fingerprints], stale - {None}
    )
    if fingerprints - {file.fingerprint for file in kept}:
        kept = _without(kept, _crowded(kept, wanted))
    kept_prints = {file.fingerprint for file in kept}
    kept_batches = {file.batch for file in kept}
    return MonthPlan(
        *key,
        read=tuple(
            sorted(
                (pair for pair in wanted if pair[1] not in kept_prints),
                key=lambda pair: (pair[0].delivered_on, pair[0].name),
            )
        ),
        kept_files=tuple(kept),
        kept_parts=tuple(p for p in (held.parts if held else ()) if p.batch in kept_batches),
    )


def _without(files: Iterable[LoadedFile], batches: Set[str | None]) -> list[LoadedFile]:
    return [file for file in files if file.batch not in batches]


def _crowded(kept: Iterable[LoadedFile], wanted: Iterable[tuple[Delivery, str]]) -> set[str | None]:
    """Returns batches that are read anew as one, when files of their month are read anyway.

    Every load adds a batch, and every query opens the parts of all. As soon as four are about as
    large (1 to 3 files, 4 to 15, 16 to 63, ..) they become one, so a file is read anew once for
    each power of four, and a month that came day by day ends with a handful.
    """
    sizes = {print_: likely_bytes(delivery.path, delivery.bytes) for delivery, print_ in wanted}
    batches: dict[str, list[int]] = defaultdict(list)
    for file in kept:
        if file.batch:
            batches[file.batch].append(sizes[file.fingerprint])
    alike: dict[int, set[str | None]] = defaultdict(set)
    for batch, files in batches.items():
        if sum(files) <= SMALL_BYTES:
            alike[(len(files).bit_length() - 1) // 2].add(batch)
    return {batch for group in alike.values() if len(group) >= CROWD for batch in group}
