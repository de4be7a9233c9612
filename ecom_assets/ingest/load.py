"""Loading: carry out the plan of one (store, feed, month) and commit it.

Parts are written first, each under its final name that no manifest lists yet; then the manifest
is replaced. What a crash leaves behind is removed by :func:`remove_unlisted_parts`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from ecom_assets.contracts import Contract, load_contracts
from ecom_assets.crash import crash_point
from ecom_assets.duck import (
    identifier,
    make_table,
    quote,
    scratch_folder,
)
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import Feed, load_feed
from ecom_assets.home import Home
from ecom_assets.ingest.journal import Delivery
from ecom_assets.ingest.judging import UNCOMPUTABLE, count_rows, judge_lines, look_at
from ecom_assets.ingest.lost_columns import lost_columns
from ecom_assets.ingest.manifest import LoadedFile, Manifest, Part, read_manifests, write_manifest
from ecom_assets.ingest.plan import MonthPlan, file_fingerprint, reading_fingerprint
from ecom_assets.ingest.read import read_files
from ecom_assets.ingest.readable import Readable, Unreadable
from ecom_assets.ingest.unpack import likely_bytes
from ecom_assets.replace_file import put_on_disk
from ecom_assets.stores import Store

BATCH_BYTES = 256_000_000  # as they are read, not as they were packed
# Up to a fifth of the rows may else be kept as a dictionary, for the fewer bytes that saves.
PARQUET = "format parquet, dictionary_size_limit 5000"
QUARANTINE = "quarantine"

Planned = tuple[Delivery, str]
Loaded = tuple[list[LoadedFile], list[Part]]


@dataclass(frozen=True)
class LoadedMonth:
    """What one plan changed: the files read now, with their counts."""

    plan: MonthPlan
    files: tuple[LoadedFile, ...]
    datasets: frozenset[str]


@dataclass(frozen=True)
class Reading:
    """What all batches of a month have in common: whose files are read how, where, by which run.

    Attributes:
        home: The home of the files.
        store: Their store.
        feed: Their feed.
        month: What is to be read of them.
        run_id: Noted with every file that is read.
        fingerprint: Of all that decides how they are read.
        database: A scratch database. Each batch has a cursor of its own, whose temporary tables go
            with it: to open a database takes as long as a few thousand rows.
    """

    home: Home
    store: Store
    feed: Feed
    month: MonthPlan
    run_id: str
    fingerprint: str
    database: duckdb.DuckDBPyConnection

    def lost_columns(self, name: str, found: Readable | Unreadable) -> tuple[str, ...]:
        """Returns the columns that a file does not have and an earlier version of it had."""
        before = self.month.before.get(name)
        if before is None:
            return ()
        is_read_alike = before.fingerprint == file_fingerprint(before, self.fingerprint)
        return lost_columns(found, self.feed, before, is_read_alike=is_read_alike)


def load_month(
    home: Home,
    store: Store,
    month: MonthPlan,
    run_id: str,
    database: duckdb.DuckDBPyConnection,
) -> LoadedMonth:
    """Reads the files of a plan, judges their rows, writes parts and commits the manifest.

    Args:
        home: The home of the plan.
        store: The store of the plan.
        month: The plan.
        run_id: Noted with every file that is read.
        database: A scratch connection of one thread, which nobody else uses meanwhile.

    Raises:
        ConfigurationError: The feed is wrong, or another one than that of the plan.
    """
    feed = load_feed(month.feed, home)
    fingerprint = reading_fingerprint(feed, load_contracts(), store)
    _refuse_another_feed(month, fingerprint)
    reading = Reading(home, store, feed, month, run_id, fingerprint, database)
    files: list[LoadedFile] = []
    parts: list[Part] = []
    for batch in _batches(month.read):
        loaded, written = _load_or_set_aside(reading, batch)
        files.extend(loaded)
        parts.extend(written)
    put_on_disk(home.lake / part.path for part in parts)
    crash_point("parts_written")
    manifest = Manifest(
        store=month.store,
        feed=month.feed,
        month=month.month,
        files=tuple(sorted((*month.kept_files, *files), key=lambda f: f.name)),
        parts=(*month.kept_parts, *parts),
    )
    write_manifest(home.manifests, manifest)
    crash_point("manifest_written")
    changed = {part.dataset for part in parts}
    return LoadedMonth(month, tuple(files), frozenset(changed))


def _refuse_another_feed(month: MonthPlan, fingerprint: str) -> None:
    """Refuses a feed edited since the plan was made: its rows would pass for those of the old one.

    Raises:
        ConfigurationError: The plan was made with the feed as it was before.
    """
    if any(planned != file_fingerprint(delivery, fingerprint) for delivery, planned in month.read):
        raise ConfigurationError(
            f"feed '{month.feed}' was changed while the load was under way: load again"
        )


def listed_parts(home: Home) -> set[str]:
    """Returns the parts that some manifest lists, also of a store that was taken out."""
    return {part.path for m in read_manifests(home.manifests).values() for part in m.parts}


def remove_unlisted_parts(home: Home, listed: Iterable[str]) -> int:
    """Removes Parquet files that neither a manifest lists nor the warehouse still needs.

    Args:
        home: The home whose lake is cleaned.
        listed: Paths relative to the lake that stay.

    Returns:
        How many files were removed.
    """
    keep = set(listed)
    garbage = [
        path
        for path in home.lake.rglob("*.parquet")
        if str(path.relative_to(home.lake)) not in keep
    ]
    for path in garbage:
        path.unlink()
    return len(garbage)


def _batches(read: Sequence[Planned]) -> Iterable[list[Planned]]:
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


def _load_or_set_aside(reading: Reading, batch: Sequence[Planned]) -> Loaded:
    """Loads files together; where something in them cannot be computed, one by one without it."""
    try:
        return _load_batch(reading, batch)
    except UNCOMPUTABLE as error:
        if len(batch) == 1:
            told = str(error).splitlines()[0]
            fault = Unreadable(f"feed '{reading.feed.feed}' cannot compute its rows: {told}")
            return [_loaded_file(reading, batch[0], fault, (0, 0), "")], []
    each = [_load_or_set_aside(reading, [one]) for one in batch]
    return [f for files, _ in each for f in files], [p for _, parts in each for p in parts]


def _load_batch(reading: Reading, batch: Sequence[Planned]) -> Loaded:
    home, feed = reading.home, reading.feed
    batch_id = hashlib.sha256("|".join(print_ for _, print_ in batch).encode()).hexdigest()[:16]
    counts: dict[int, tuple[int, int]] = {}
    parts: list[Part] = []
    with reading.database.cursor() as connection, scratch_folder(home) as folder:
        probes, readable = look_at([home.landing / d.path for d, _ in batch], feed, folder)
        if readable:
            inside = read_files(connection, feed, readable)
            probes = [inside.get(no, found) for no, found in enumerate(probes)]
            datasets = judge_lines(connection, feed, reading.store)
            _name_files(connection, [delivery for delivery, _ in batch])
            counts = count_rows(connection)
            parts = _write_parts(connection, reading, batch_id, datasets)
            if any(rejected for _, rejected in counts.values()):
                rows = _quarantine_sql(reading)
                parts += _write_part(connection, reading, QUARANTINE, batch_id, rows)
    files = [
        _loaded_file(reading, planned, probes[no], counts.get(no, (0, 0)), batch_id)
        for no, planned in enumerate(batch)
    ]
    return files, parts


def _name_files(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> None:
    types = {
        "file_no": "integer",
        "source_file": "varchar",
        "delivered_on": "date",
        "landed_at": "timestamp",
    }
    rows = [
        (no, d.name, d.delivered_on, d.landed_at.replace(tzinfo=None))
        for no, d in enumerate(deliveries)
    ]
    make_table(connection, "files", types, rows)


def _write_parts(
    connection: duckdb.DuckDBPyConnection,
    reading: Reading,
    batch_id: str,
    contracts: Sequence[Contract],
) -> list[Part]:
    overflow = "cast(null as varchar)"
    join = ""
    if _scalar(connection, "select count(overflow) from delivered"):
        overflow = "d.overflow"
        join = "left join delivered as d on r.file_no = d.file_no and r.source_row = d.source_row"
    lineage = (
        f"{_delivered_by(reading.month)}, r.document_id, "
        f"{overflow} as overflow, f.delivered_on, f.landed_at, f.source_file, r.source_row"
    )
    parts: list[Part] = []
    for contract in contracts:
        columns = ", ".join(f"r.{identifier(column.name)}" for column in contract.columns)
        sql = (
            f"select {columns}, {lineage} from {contract.dataset} as r "
            f"join files as f on r.file_no = f.file_no {join}"
        )
        parts.extend(_write_part(connection, reading, contract.dataset, batch_id, sql))
    return parts


def _write_part(
    connection: duckdb.DuckDBPyConnection,
    reading: Reading,
    dataset: str,
    batch_id: str,
    sql: str,
) -> list[Part]:
    month = reading.month
    folder = QUARANTINE if dataset == QUARANTINE else f"raw/{dataset}"
    place = f"{folder}/store={month.store}/delivered_month={month.month}"
    path = f"{place}/{month.feed}-{batch_id}.parquet"
    target = reading.home.lake / path
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = _scalar(connection, f"copy ({sql}) to {quote(str(target))} ({PARQUET})")
    if not rows:
        target.unlink(missing_ok=True)
        return []
    return [Part(dataset=dataset, batch=batch_id, path=path, rows=rows)]


def _delivered_by(month: MonthPlan) -> str:
    return f"{quote(month.store)} as store_id, {quote(month.feed)} as feed"


def _quarantine_sql(reading: Reading) -> str:
    fields = ", ".join(
        f"{quote(column.header)}, d.d{index}" for index, column in enumerate(reading.feed.columns)
    )
    return f"""
        select {_delivered_by(reading.month)}, q.dataset,
            f.source_file, q.source_row, q.rule, q.reason, q.raw_text, q.lines, f.delivered_on,
            f.landed_at
        from (
            select r.file_no, r.source_row, min(r.dataset) as dataset, min(r.rule) as "rule",
                string_agg(distinct r.reason, '; ' order by r.reason) as reason,
                any_value(cast(json_object({fields}) as varchar)) as raw_text, 1 as lines
            from rejected as r
            join delivered as d on r.file_no = d.file_no and r.source_row = d.source_row
            group by r.file_no, r.source_row
            union all
            select file_no, source_row, null, 'malformed', reason, raw_text, lines from broken
        ) as q
        join files as f on q.file_no = f.file_no
        order by q.file_no, q.source_row
    """


def _loaded_file(
    reading: Reading,
    planned: Planned,
    found: Readable | Unreadable,
    counts: tuple[int, int],
    batch_id: str,
) -> LoadedFile:
    delivery, fingerprint = planned
    readable = isinstance(found, Readable)
    return LoadedFile(
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
        lost_columns=reading.lost_columns(delivery.name, found),
        batch=batch_id if readable else None,
        read_by=reading.run_id,
    )


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
