"""Planning: which files of which month have to be read. Pure.

The journal says what should be in the lake, the manifests say what is. A month is stale where
the two differ: a file is new, replaced, moved to another month, or would be read differently
today because its feed, contract or store changed.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ecom_assets.contracts import Contract
from ecom_assets.feeds import Feed
from ecom_assets.ingest.journal import Delivery, newest
from ecom_assets.ingest.manifest import LoadedFile, Manifest, Part
from ecom_assets.stores import Store

READERS = (
    *("account", "cast", "judge", "load", "read", "read_csv", "read_fixed", "read_json"),
    *("read_parquet", "read_xlsx", "readable", "scan_lines", "unpack"),
)


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
    """

    store: str
    feed: str
    month: str
    read: tuple[tuple[Delivery, str], ...]
    kept_files: tuple[LoadedFile, ...]
    kept_parts: tuple[Part, ...]


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
        "feed": feed.model_dump(mode="json", exclude={"required", "max_rejected_pct", "pull"}),
        "contracts": [contracts[name].model_dump(mode="json") for name in sorted(feed.sql)],
        "clock": store.timezone,
        "currency": store.currency,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def file_fingerprint(delivery: Delivery, reading: str) -> str:
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
    return sorted((p for p in plans if p), key=lambda p: (not p.read, p.month, p.store, p.feed))


def _plan_month(
    key: tuple[str, str, str], wanted: list[tuple[Delivery, str]], held: Manifest | None
) -> MonthPlan | None:
    held_files = held.files if held else ()
    fingerprints = {fingerprint for _, fingerprint in wanted}
    if {file.fingerprint for file in held_files} == fingerprints:
        return None
    stale_batches = {file.batch for file in held_files if file.fingerprint not in fingerprints}
    kept = tuple(
        file
        for file in held_files
        if file.fingerprint in fingerprints and (not file.batch or file.batch not in stale_batches)
    )
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
        kept_files=kept,
        kept_parts=tuple(p for p in (held.parts if held else ()) if p.batch in kept_batches),
    )
