"""What a home can tell about itself without a running pipeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from ecom_assets.contracts import load_contracts
from ecom_assets.duck import file_literal, list_literal, quote, scratch_connection
from ecom_assets.errors import ConfigurationError, LakeError
from ecom_assets.feeds.registry import feed_names, load_feed
from ecom_assets.home import Home
from ecom_assets.ingest.foreign import describe_foreign
from ecom_assets.ingest.intake import waiting
from ecom_assets.ingest.manifest import read_manifests
from ecom_assets.ingest.parts import QUARANTINE
from ecom_assets.last_run import describe_last_run, read_last_run
from ecom_assets.lock import describe_writer
from ecom_assets.publish.gate import read_gate
from ecom_assets.publish.versions import current_version, version_in_place
from ecom_assets.sources.failed_pulls import SOURCES_REACHED, read_failed
from ecom_assets.stores import Stores, feeds_in_use, load_stores
from ecom_assets.warehouse.generation import current_generation
from ecom_assets.wording import counted, did_you_mean

READINGS = 5  # of the manifests, while loads replace the parts they list
SHOWN = ("store_id", "feed", "source_file", "source_row", "dataset", "rule", "reason", "raw_text")


@dataclass(frozen=True)
class SetAside:
    """A file that could not be read, and why."""

    store: str
    feed: str
    name: str
    message: str

    @property
    def told(self) -> str:
        """The file and its fault in a line."""
        return f"set aside: {self.store}/{self.feed}/{self.name}: {self.message}"


@dataclass(frozen=True)
class FileCounts:
    """What was read: files, rows and their fate."""

    files: int
    rows: int
    quarantined: int
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True)
class Quarantined:
    """Rejected rows of the lake as it is now, and the files set aside."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    set_aside: tuple[SetAside, ...]

    @property
    def all_rows(self) -> tuple[tuple[Any, ...], ...]:
        """The files set aside, as rows without number and text, and the rejected rows."""
        files = [
            (file.store, file.feed, file.name, None, None, "set_aside", file.message, None)
            for file in self.set_aside
        ]
        return (*files, *self.rows)


def is_up_to_date(home: Home) -> bool:
    """Whether readers already see everything that has landed."""
    version = version_in_place(home)
    return version is not None and version.generation == current_generation(home).id


def failed_pulls_changed(home: Home) -> bool:
    """Whether a pull has failed, or none has since a load told of one: a load then tells anew."""
    told = read_gate(home).verdicts.get(SOURCES_REACHED)
    return bool(read_failed(home, load_stores(home))) or (told is not None and not told.passed)


def count_files(home: Home, read_by: str | None = None) -> FileCounts:
    """Counts the files of the lake, all or those that one run read."""
    found = [
        (manifest, file)
        for manifest in read_manifests(home.manifests).values()
        for file in manifest.files
        if read_by is None or file.read_by == read_by
    ]
    files = [file for _, file in found]
    return FileCounts(
        files=len(files),
        rows=sum(file.rows for file in files),
        quarantined=sum(file.quarantined for file in files),
        set_aside=tuple(
            SetAside(m.store, m.feed, f.name, f.message or "")
            for m, f in found
            if f.status == "set_aside"
        ),
    )


def describe_home(home: Home) -> Iterator[str]:
    """Yields lines: stores, deliveries, what waits, what is published, what is red."""
    stores = load_stores(home)
    yield f"home: {home.root}"
    for store_id, store in stores.stores.items():
        feeds = ", ".join(store.feeds) or "none"
        yield f"store {store_id}: {store.currency}, {store.timezone}, feeds: {feeds}"
    counts, last = count_files(home), read_last_run(home)
    lately = len(count_files(home, last.run_id).set_aside) if last else 0
    yield (
        f"loaded: {counted(counts.files, 'file')}, {counted(counts.rows, 'row')}, "
        f"{counts.quarantined:,} rejected; {counted(len(counts.set_aside), 'file')} set aside"
        + (f", {lately:,} by the last run" if counts.set_aside else "")
    )
    found = waiting(home, stores, datetime.now(UTC))
    files, to_read = counted(len(found.arrivals), "new file"), counted(len(found.plans), "month")
    yield f"waiting: {files}, {to_read} to read"
    yield from describe_foreign(found.unrecognised)
    for failed in read_failed(home, stores):
        when = f"{failed.failed_at:%Y-%m-%d %H:%M} UTC"
        yield f"not pulled: {failed.store}/{failed.feed}, {when}: {failed.message}"
    version = current_version(home)
    if version is None:
        yield "published: nothing yet"
    else:
        note = "" if is_up_to_date(home) else " (older than what has been loaded)"
        yield f"published: {version.version}, {counted(sum(version.rows.values()), 'row')}{note}"
    if last := describe_last_run(home):
        yield f"last run: {last}"
    writer = describe_writer(home)
    yield f"writing now: {writer or 'nobody'}"
    for verdict in read_gate(home).verdicts.values():
        if not verdict.passed:
            kind = "red" if verdict.blocking else "warning"
            yield f"{kind}: {verdict.name}: {verdict.message}"


def _no_dataset(home: Home, name: str) -> str:
    """Says that a name is that of no dataset; where a feed has it, which datasets that fills."""
    if name in feed_names(home):
        filled = ", ".join(sorted(load_feed(name, home).sql))
        return f"'{name}' is a feed, and a dataset is wanted; that feed fills {filled}"
    known = [*load_contracts()]
    bare = [dataset.removeprefix("raw_") for dataset in known]
    meant = did_you_mean(name, bare)
    return f"there is no dataset '{name}'.{meant} Datasets: {', '.join(known)}"


def quarantined(home: Home, dataset: str | None, limit: int) -> Quarantined:
    """Returns rejected rows, newest deliveries first.

    No lock is taken: a load may replace parts after their manifest was read, which is then read
    again.

    Args:
        home: The home.
        dataset: Only rows of feeds that fill this dataset (with or without ``raw_``): most are
            rejected as lines, before they are rows of one dataset.
        limit: How many rows to return.

    Raises:
        ConfigurationError: There is no such dataset.
        LakeError: A listed part cannot be read, and no load has replaced it.
    """
    stores = load_stores(home)
    name = f"raw_{dataset.removeprefix('raw_')}" if dataset else None
    if dataset and name not in load_contracts():
        raise ConfigurationError(_no_dataset(home, dataset))
    fault = ""
    for _ in range(READINGS):
        try:
            return _quarantined_now(home, stores, name, limit)
        except duckdb.IOException as error:
            fault = str(error).strip().splitlines()[0]
    raise LakeError(
        f"rejected rows cannot be read: {fault}. Where a file is missing, bring it back or "
        f"remove the manifest of its month in {home.manifests}: `ecom run` then reads it anew."
    )


def _quarantined_now(home: Home, stores: Stores, name: str | None, limit: int) -> Quarantined:
    paths = [
        home.lake / part.path
        for manifest in read_manifests(home.manifests).values()
        for part in manifest.parts
        if part.dataset == QUARANTINE
    ]
    feeds = [feed.feed for feed in feeds_in_use(home, stores).values() if name in feed.sql]
    set_aside = count_files(home).set_aside
    if name:
        set_aside = tuple(file for file in set_aside if file.feed in feeds)
    if not paths:
        return Quarantined(SHOWN, (), 0, set_aside)
    of_feed = f"coalesce(dataset = {quote(name or '')}, list_contains({list_literal(feeds)}, feed))"
    listed = ", ".join(file_literal(path) for path in paths)
    relation = (
        f"read_parquet([{listed}], hive_partitioning = false) where {of_feed if name else 'true'}"
    )
    with scratch_connection(home) as connection:
        total = connection.execute(f"select count(*) from {relation}").fetchone()
        rows = connection.execute(
            f"select {', '.join(SHOWN)} from {relation} "
            f"order by delivered_on desc, source_file, source_row limit {int(limit)}"
        ).fetchall()
    return Quarantined(SHOWN, tuple(rows), int(total[0]) if total else 0, set_aside)
