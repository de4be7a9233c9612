"""Loading: carry out the plans of months of one store and feed, and commit them.

Parts are written first, each under its final name that no manifest lists yet; then the manifests
are replaced. What a crash leaves behind is removed by :func:`parts.remove_unlisted_parts`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby

import duckdb

from ecom_assets.contracts import load_contracts
from ecom_assets.crash import crash_point
from ecom_assets.duck import scratch_folder
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import Feed, load_feed
from ecom_assets.home import Home
from ecom_assets.ingest.journal import Delivery
from ecom_assets.ingest.judging import UNCOMPUTABLE, count_rows, judge_lines, look_at
from ecom_assets.ingest.lost_columns import lost_columns
from ecom_assets.ingest.manifest import LoadedFile, Manifest, Part, write_manifest
from ecom_assets.ingest.parts import MonthOfBatch, name_files, write_accepted, write_rejected
from ecom_assets.ingest.plan import MonthPlan, file_fingerprint, reading_fingerprint
from ecom_assets.ingest.read import read_files
from ecom_assets.ingest.readable import Readable, Unreadable
from ecom_assets.ingest.unpack import likely_bytes
from ecom_assets.replace_file import put_on_disk
from ecom_assets.stores import Store

BATCH_BYTES = 256_000_000  # as they are read, not as they were packed

Planned = tuple[Delivery, str]


@dataclass(frozen=True)
class LoadedMonth:
    """What one plan changed: the files read now, with their counts."""

    plan: MonthPlan
    files: tuple[LoadedFile, ...]
    datasets: frozenset[str]


@dataclass(frozen=True)
class Loaded:
    """What has been read of one month."""

    files: list[LoadedFile] = field(default_factory=list[LoadedFile])
    parts: list[Part] = field(default_factory=list[Part])


@dataclass(frozen=True)
class Reading:
    """What all batches have in common: whose files are read how, where, by which run.

    Attributes:
        home: The home of the files.
        store: Their store.
        feed: Their feed.
        months: What is to be read of them.
        run_id: Noted with every file that is read.
        fingerprint: Of all that decides how they are read.
        database: A scratch database. Each batch has a cursor of its own, whose temporary tables go
            with it: to open a database takes as long as a few thousand rows.
        loaded: What has been read so far, by month.
    """

    home: Home
    store: Store
    feed: Feed
    months: Sequence[MonthPlan]
    run_id: str
    fingerprint: str
    database: duckdb.DuckDBPyConnection
    loaded: dict[str, Loaded]

    def lost_columns(self, delivery: Delivery, found: Readable | Unreadable) -> tuple[str, ...]:
        """Returns the columns that a file does not have and an earlier version of it had."""
        (month,) = (month for month in self.months if month.month == delivery.month)
        before = month.before.get(delivery.name)
        if before is None:
            return ()
        is_read_alike = before.fingerprint == file_fingerprint(before, self.fingerprint)
        return lost_columns(found, self.feed, before, is_read_alike=is_read_alike)


def load_months(
    home: Home,
    store: Store,
    months: Sequence[MonthPlan],
    run_id: str,
    database: duckdb.DuckDBPyConnection,
) -> list[LoadedMonth]:
    """Reads the files of plans, judges their rows, writes parts and commits the manifests.

    Args:
        home: The home of the plans.
        store: The store of the plans.
        months: Plans of one feed, in the order of their months.
        run_id: Noted with every file that is read.
        database: A scratch connection of one thread, which nobody else uses meanwhile.

    Raises:
        ConfigurationError: The feed is wrong, or another one than that of the plans.
    """
    feed = load_feed(months[0].feed, home)
    fingerprint = reading_fingerprint(feed, load_contracts(), store)
    for month in months:
        _refuse_another_feed(month, fingerprint)
    loaded = {month.month: Loaded() for month in months}
    reading = Reading(home, store, feed, months, run_id, fingerprint, database, loaded)
    for batch in _batches(chain.from_iterable(month.read for month in months)):
        _load_or_set_aside(reading, batch)
    put_on_disk(home.lake / part.path for month in loaded.values() for part in month.parts)
    crash_point("parts_written")
    return [_commit(home, month, loaded[month.month]) for month in months]


def _commit(home: Home, month: MonthPlan, loaded: Loaded) -> LoadedMonth:
    manifest = Manifest(
        store=month.store,
        feed=month.feed,
        month=month.month,
        files=tuple(sorted((*month.kept_files, *loaded.files), key=lambda f: f.name)),
        parts=(*month.kept_parts, *loaded.parts),
    )
    write_manifest(home.manifests, manifest)
    crash_point("manifest_written")
    changed = {part.dataset for part in loaded.parts}
    return LoadedMonth(month, tuple(loaded.files), frozenset(changed))


def _refuse_another_feed(month: MonthPlan, fingerprint: str) -> None:
    """Refuses a feed edited since the plan was made: its rows would pass for those of the old one.

    Raises:
        ConfigurationError: The plan was made with the feed as it was before.
    """
    if any(planned != file_fingerprint(delivery, fingerprint) for delivery, planned in month.read):
        raise ConfigurationError(
            f"feed '{month.feed}' was changed while the load was under way: load again"
        )


def _batches(read: Iterable[Planned]) -> Iterable[list[Planned]]:
    batch: list[Planned] = []
    size = 0
    for delivery, fingerprint in read:
        more = likely_bytes(delivery.path, delivery.bytes)
        if batch and size + more > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append((delivery, fingerprint))
        size += more
    if batch:
        yield batch


def _load_or_set_aside(reading: Reading, batch: Sequence[Planned]) -> None:
    """Loads files together; where something in them cannot be computed, one by one without it."""
    try:
        _load_batch(reading, batch)
    except UNCOMPUTABLE as error:
        if len(batch) == 1:
            told = str(error).splitlines()[0]
            fault = Unreadable(f"feed '{reading.feed.feed}' cannot compute its rows: {told}")
            _note_file(reading, batch[0], fault, (0, 0), "")
            return
        for one in batch:
            _load_or_set_aside(reading, [one])


def _load_batch(reading: Reading, batch: Sequence[Planned]) -> None:
    home, feed = reading.home, reading.feed
    counts: dict[int, tuple[int, int]] = {}
    parts: dict[str, list[Part]] = {}
    months = _months_of(batch)
    with reading.database.cursor() as connection, scratch_folder(home) as folder:
        probes, readable = look_at([home.landing / d.path for d, _ in batch], feed, folder)
        if readable:
            inside = read_files(connection, feed, readable)
            probes = [inside.get(no, found) for no, found in enumerate(probes)]
            contracts = judge_lines(connection, feed, reading.store)
            name_files(connection, [delivery for delivery, _ in batch])
            counts = count_rows(connection)
            parts = write_accepted(connection, home, months, contracts)
            for month in months:
                if any(counts.get(no, (0, 0))[1] for no in month.files):
                    parts[month.month] += write_rejected(connection, home, month, feed)
    for month in months:
        reading.loaded[month.month].parts.extend(parts.get(month.month, ()))
        for no in month.files:
            _note_file(reading, batch[no], probes[no], counts.get(no, (0, 0)), month.batch)


def _months_of(batch: Sequence[Planned]) -> list[MonthOfBatch]:
    """Returns which files of a batch are of which month; files of one month stand together."""
    months: list[MonthOfBatch] = []
    numbered = enumerate(batch)
    for month, files in groupby(numbered, key=lambda file: file[1][0].month):
        held = list(files)
        (first, (delivery, _)), (last, _) = held[0], held[-1]
        fingerprints = "|".join(fingerprint for _, (_, fingerprint) in held)
        name = hashlib.sha256(fingerprints.encode()).hexdigest()[:16]
        months.append(
            MonthOfBatch(delivery.store, delivery.feed, month, name, range(first, last + 1))
        )
    return months


def _note_file(
    reading: Reading,
    planned: Planned,
    found: Readable | Unreadable,
    counts: tuple[int, int],
    batch: str,
) -> None:
    delivery, fingerprint = planned
    readable = isinstance(found, Readable)
    file = LoadedFile(
        name=delivery.name,
        sha256=delivery.sha256,
        seq=delivery.seq,
        delivered_on=delivery.delivered_on,
        landed_at=delivery.landed_at,
        fingerprint=fingerprint,
        status="loaded" if readable else "set_aside",
        message=None if isinstance(found, Readable) else found.reason,
        rows=counts[0],
        quarantined=counts[1],
        extra_columns=found.extra_columns if isinstance(found, Readable) else (),
        missing_columns=found.missing_columns if isinstance(found, Readable) else (),
        lost_columns=reading.lost_columns(delivery, found),
        batch=batch if readable else None,
        read_by=reading.run_id,
    )
    reading.loaded[delivery.month].files.append(file)
