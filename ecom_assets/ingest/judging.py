"""Reading and judging files in a scratch connection: what every load does, and a check of a feed.

Leaves ``delivered``, ``broken`` and ``unread`` (see ``read.py``), ``rejected`` and one table of
accepted rows per dataset, named like it. Nothing is written outside the connection.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from ecom_assets.contracts import Contract, load_contracts
from ecom_assets.duck import identifier, make_table
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import Feed
from ecom_assets.ingest.judge_lines import clock_sql, lines_sql, local_columns, typed_lines_sql
from ecom_assets.ingest.judge_rows import conflicts_sql, dataset_rows_sql, repeated_keys_sql
from ecom_assets.ingest.read import probe
from ecom_assets.ingest.readable import Readable, Unreadable
from ecom_assets.ingest.reject import reject_lines_sql, rejections_sql
from ecom_assets.ingest.unpack import unpack
from ecom_assets.stores import Store

UNCOMPUTABLE = (
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
)
FAULTY_SQL = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
HANDED_ON = ("file_no", "source_row")


def look_at(
    paths: Sequence[Path], feed: Feed, folder: Path
) -> tuple[list[Readable | Unreadable], dict[int, tuple[Path, Readable]]]:
    """Unpacks files into a folder and looks at their beginnings; returns what can be read where."""
    unpacked = [unpack(path, folder) for path in paths]
    probes = [p if isinstance(p, Unreadable) else probe(p, feed) for p in unpacked]
    readable = {
        no: (path, found)
        for no, (path, found) in enumerate(zip(unpacked, probes, strict=True))
        if isinstance(found, Readable) and isinstance(path, Path)
    }
    return probes, readable


def judge_lines(connection: duckdb.DuckDBPyConnection, feed: Feed, store: Store) -> list[Contract]:
    """Judges what was delivered; leaves one table of accepted rows per dataset, and ``rejected``.

    A rejected row takes its line with it (or its document, where the row stands for one), so
    other rows made from that line must go too: the datasets are made again until none is faulty.

    Raises:
        ConfigurationError: A rule or the SQL of a dataset cannot be computed over the lines.
    """
    type_lines(connection, feed, store)
    make_seeds(connection, feed)
    contracts = [load_contracts()[dataset] for dataset in feed.sql]
    rejected = -1
    while rejected != (rejected := _count(connection, "rejected")):
        connection.execute(lines_sql(feed))
        for contract in contracts:
            judge_dataset(connection, feed, contract)
    return contracts


def type_lines(connection: duckdb.DuckDBPyConnection, feed: Feed, store: Store) -> None:
    """Casts and judges the lines themselves: makes ``typed`` and ``rejected``.

    Raises:
        ConfigurationError: A rule or derived column cannot be computed.
    """
    if local_columns(feed):
        connection.execute(clock_sql(feed, store.timezone))
    try:
        connection.execute(typed_lines_sql(feed, store.currency))
    except FAULTY_SQL as error:
        raise ConfigurationError(
            f"feeds/{feed.feed}/feed.yaml: a rule or derived column is no SQL over the feed's "
            f"columns: {str(error).splitlines()[0]}"
        ) from error
    connection.execute(reject_lines_sql(feed))


def judge_dataset(connection: duckdb.DuckDBPyConnection, feed: Feed, contract: Contract) -> None:
    """Makes the table of a dataset from ``lines``, and notes its faulty rows in ``rejected``.

    Raises:
        ConfigurationError: The SQL is none over ``lines``, or yields other columns.
    """
    produced = produced_columns(connection, feed, contract)
    if faults := shape_faults(feed, contract, produced):
        raise ConfigurationError("; ".join(faults))
    connection.execute(dataset_rows_sql(contract, produced, feed.sql[contract.dataset]))
    # most files lack both: to plan a change of no rows takes longer than to count them
    repeated = repeated_keys_sql(contract, feed.change_column)
    if not contract.is_history and _count(connection, f"({repeated})"):
        connection.execute(conflicts_sql(contract, feed.change_column))
    if _count(connection, f"{contract.dataset} where len(faults) > 0"):
        by_document = feed.document is not None and "line_number" not in contract.key
        connection.execute(rejections_sql(contract, by_document=by_document))


def produced_columns(
    connection: duckdb.DuckDBPyConnection, feed: Feed, contract: Contract
) -> dict[str, str]:
    """Returns the columns that a feed's SQL yields for a dataset, with their SQL types.

    Raises:
        ConfigurationError: The SQL is none over ``lines``.
    """
    try:
        described = connection.execute(f"describe {feed.sql[contract.dataset]}").fetchall()
    except FAULTY_SQL as error:
        raise ConfigurationError(
            f"feeds/{feed.feed}/{contract.name}.sql is no SQL over `lines`: {error}"
        ) from error
    return {str(row[0]): str(row[1]) for row in described}


def shape_faults(feed: Feed, contract: Contract, produced: Mapping[str, str]) -> list[str]:
    """Returns what is wrong with the columns that a feed's SQL yields for a dataset."""
    place = f"feeds/{feed.feed}/{contract.name}.sql"
    faults: list[str] = []
    if lacking := {*HANDED_ON} - {*produced}:
        faults.append(f"{place} must hand on {', '.join(sorted(lacking))}")
    allowed = {*HANDED_ON, "document_id", *(c.name for c in contract.columns)}
    if unknown := sorted(set(produced) - allowed):
        faults.append(
            f"{place} yields {', '.join(unknown)}, which is no "
            f"column of {contract.dataset}: see contracts/{contract.name}.yaml"
        )
    return faults


def make_seeds(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Makes one table of texts for each seed of a feed."""
    for name, rows in feed.seeds.items():
        types = dict.fromkeys(rows[0], "varchar")
        make_table(connection, identifier(name), types, [list(row.values()) for row in rows])


def count_rows(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[int, int]]:
    """Returns rows delivered and rows rejected, by file number.

    A broken record weighs as many rows as it has lines, as whole rows may lie in it.
    """
    rows = connection.execute(
        """
        select file_no, cast(sum(delivered) as bigint), cast(sum(rejected) as bigint)
        from (
            select file_no, count(*) as delivered, 0 as rejected from delivered group by 1
            union all
            select file_no, sum(lines), sum(lines) from broken group by 1
            union all
            select file_no, sum(lines), 0 from unread group by 1
            union all
            select file_no, 0, count(distinct source_row) from rejected group by 1
        ) group by file_no
        """
    ).fetchall()
    return {file_no: (delivered, rejected) for file_no, delivered, rejected in rows}


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    row = connection.execute(f"select count(*) from {rows}").fetchone()
    return int(row[0]) if row else 0
