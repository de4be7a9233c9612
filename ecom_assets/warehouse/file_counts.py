"""What lies in the lake of every delivered file, counted once for each batch of parts.

A part never changes once it is listed. So what a batch holds is counted when it comes, kept in
``staging.state.counted_files``, and counted anew as soon as a part of it is not the file it was
(see ``file_version.py``) or it would be counted differently.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ecom_assets.contracts import load_contracts
from ecom_assets.duck import file_literal, list_literal
from ecom_assets.feeds import Feed
from ecom_assets.feeds.holding import holding_datasets
from ecom_assets.ingest.parts import QUARANTINE

_FILE = "store_id, feed, source_file, delivered_on"
_NO_ROWS = (
    "select null::integer as batch_no, null::varchar as store_id, null::varchar as feed, "
    "null::varchar as source_file, null::date as delivered_on, null::bigint as source_row"
)
_NO_ACCEPTED = f"{_NO_ROWS}, false as is_held where false"
_NO_REJECTED = f"{_NO_ROWS}, 0::bigint as lines where false"

# A row counts once in however many datasets it lies; it is held where one of them must hold it.
_COUNT = f"""
    insert into staging.state.counted_files
    with accepted as (
        select batch_no, {_FILE}, source_row, bool_or(is_held) as is_held
        from ({{accepted}}) group by all
    ),
    found as (
        select batch_no, {_FILE}, count(source_row) as accepted_rows,
            count(source_row) filter (is_held) as held_rows
        from accepted group by all
    ),
    rejected as (
        select batch_no, {_FILE}, sum(lines) as quarantined_rows, count(*) as records,
            count(distinct source_row) as distinct_records
        from ({{rejected}}) group by all
    )
    select ({{batches}})[batch_no], ({{inputs}})[batch_no], {_FILE}, coalesce(accepted_rows, 0),
        coalesce(held_rows, 0), coalesce(quarantined_rows, 0), coalesce(records, 0),
        coalesce(distinct_records, 0)
    from found full join rejected using (batch_no, {_FILE})
"""

# DuckDB holds every row of a count in memory: those of three years did not fit into 1 GB.
_ROWS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class _Part:
    """A part of a batch."""

    dataset: str
    location: str
    version: str
    rows: int


_Parts = Sequence[_Part]


def count_files(connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, Feed]) -> None:
    """Brings ``staging.state.counted_files`` up to date with ``staging.raw.parts``.

    Args:
        connection: Has ``staging`` attached.
        feeds: All feeds whose deliveries are built from.
    """
    batches = _batches(connection)
    held_by_others = _feeds_held_by_others(feeds)
    how = json.dumps([_COUNT, held_by_others])
    inputs = {batch: _inputs(how, parts) for batch, parts in batches.items()}
    held = "select distinct batch, inputs from staging.state.counted_files"
    counted = dict(connection.execute(held).fetchall())
    stale = [batch for batch in {*counted, *inputs} if counted.get(batch) != inputs.get(batch)]
    connection.execute(
        "delete from staging.state.counted_files where list_contains(?, batch)", [stale]
    )
    new = {batch: batches[batch] for batch in sorted(stale) if batch in batches}
    for some in _at_once(new):
        sql = _counting_sql(some, [inputs[batch] for batch in some], held_by_others)
        connection.execute(sql)


def _batches(connection: duckdb.DuckDBPyConnection) -> Mapping[str, _Parts]:
    """Returns the parts of every batch."""
    batches: dict[str, list[_Part]] = {}
    parts = "select batch, dataset, location, version, rows from staging.raw.parts order by all"
    for batch, *part in connection.execute(parts).fetchall():
        batches.setdefault(batch, []).append(_Part(*part))
    return batches


def _at_once(batches: Mapping[str, _Parts]) -> Iterator[Mapping[str, _Parts]]:
    """Yields the batches in lots of so few rows that memory holds them."""
    lot: dict[str, _Parts] = {}
    rows = 0
    for batch, parts in batches.items():
        own = sum(part.rows for part in parts)
        if lot and rows + own > _ROWS_AT_ONCE:
            yield lot
            lot, rows = {}, 0
        lot[batch] = parts
        rows += own
    if lot:
        yield lot


def _inputs(how: str, parts: _Parts) -> str:
    """Returns the hash of all that the counts of a batch are made from."""
    read = [(part.dataset, part.location, part.version) for part in parts]
    return hashlib.sha256((how + json.dumps(read)).encode()).hexdigest()


def _counting_sql(
    batches: Mapping[str, _Parts],
    inputs: Sequence[str],
    held_by_others: Mapping[str, Sequence[str]],
) -> str:
    by_dataset: dict[str, list[tuple[int, str]]] = {}
    for number, parts in enumerate(batches.values(), 1):
        for part in parts:
            by_dataset.setdefault(part.dataset, []).append((number, part.location))
    accepted, rejected = [_NO_ACCEPTED], [_NO_REJECTED]
    for dataset, located in by_dataset.items():
        if dataset == QUARANTINE:
            rejected.append(_rows_sql(located, "lines"))
        else:
            is_held = f"not list_contains({list_literal(held_by_others[dataset])}, feed) as is_held"
            accepted.append(_rows_sql(located, is_held))
    return _COUNT.format(
        accepted=" union all ".join(accepted),
        rejected=" union all ".join(rejected),
        batches=list_literal(batches),
        inputs=list_literal(inputs),
    )


def _rows_sql(located: Sequence[tuple[int, str]], value: str) -> str:
    """Returns a select over parts, each of the batch of its number."""
    numbers = [number for number, _ in located]
    listed = ", ".join(file_literal(location) for _, location in located)
    return (
        f"select {numbers}[cast(file_index as integer) + 1] as batch_no, {_FILE}, source_row, "
        f"{value} from read_parquet([{listed}], hive_partitioning = false)"
    )


def _feeds_held_by_others(feeds: Mapping[str, Feed]) -> dict[str, list[str]]:
    """Returns, by dataset, the feeds whose lines must be held by another one of their datasets."""
    return {
        dataset: [
            name
            for name, feed in sorted(feeds.items())
            if dataset in feed.sql and dataset not in holding_datasets(feed)
        ]
        for dataset in load_contracts()
    }
