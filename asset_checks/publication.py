"""Identity 8: what is published is what the warehouse holds: every row, with every value."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from ecom_assets.duck import file_literal, identifier, quote, side_by_side
from ecom_assets.publish.parquet import BLOCK_BYTES, Table
from ecom_assets.publish.versions import Unchanged

PUBLICATION = "published_equals_warehouse"
DATABASE, PARQUET = "warehouse.duckdb", "parquet"  # the places of a version
UNREADABLE = (duckdb.Error, UnicodeDecodeError)  # a copy that raises this is not what was written


def publication_differences(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Path,
    draft: Path,
    tables: Sequence[Table],
    unchanged: Unchanged | None = None,
) -> list[dict[str, str]]:
    """Compares the draft of a version with the warehouse.

    Of a file that the draft shares with another version only the rows are counted: its values were
    compared when it was written, and it is shared only where its checksum is still the same.

    Args:
        connection: A connection with nothing attached under the names used here.
        warehouse: The warehouse's database file.
        draft: The draft's folder, with ``warehouse.duckdb`` and ``parquet/<table>/``.
        tables: The gold tables.
        unchanged: That other version.

    Returns:
        One row per table and place that differs or cannot be read; empty if all is equal.
    """
    connection.execute(f"attach {quote(str(warehouse))} as held (read_only)")
    fault = _of_copy(connection, f"attach {quote(str(draft / DATABASE))} as copied (read_only)")
    if isinstance(fault, str):
        return [_difference("every table", DATABASE, "readable", fault)]
    with ThreadPoolExecutor(1) as disk:
        same_bytes = disk.submit(_same_bytes, warehouse, draft / DATABASE)
        totals = {table.name: _totals_sql(connection, table.name) for table in tables}

        def judge(copy: duckdb.DuckDBPyConnection, table: Table) -> list[dict[str, str]]:
            for expected, actual in _in_parquet(copy, table, totals[table.name], draft, unchanged):
                if actual != expected:
                    return [_difference(table.name, PARQUET, f"{expected}", f"{actual}")]
            return []

        in_parquet = [row for rows in side_by_side(connection, tables, judge) for row in rows]
        is_same_file = same_bytes.result()
    in_database = [] if is_same_file else _in_database(connection, totals)
    return [*in_database, *in_parquet]


def _in_database(
    connection: duckdb.DuckDBPyConnection, totals: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yields the tables that differ in the copied database, whose bytes do."""
    for table, sql in totals.items():
        expected = connection.execute(f"{sql} from held.main.{table}").fetchone()
        actual = _totals(connection, f"{sql} from copied.main.{table}")
        if actual != expected:
            yield _difference(table, DATABASE, f"{expected}", f"{actual}")


def _in_parquet(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    totals: str,
    draft: Path,
    unchanged: Unchanged | None,
) -> Iterator[tuple[object, object]]:
    """Yields what the warehouse has and what the files have: totals, or rows by month."""
    files = sorted((draft / PARQUET / table.name).glob("*.parquet"))
    linked = [file for file in files if unchanged and unchanged.shares(file)]
    written = [file for file in files if file not in linked]
    held = f"held.main.{table.name}"
    if not linked:
        expected = connection.execute(f"{totals} from {held}").fetchone()
        if files or (expected and expected[0]):
            yield expected, _totals(connection, f"{totals} from {_relation(files)}")
        return
    rows = connection.execute(table.month_counts(held)).fetchall()
    yield {f"{first:%Y-%m}": count for first, count in rows}, _rows_by_month(connection, files)
    if written:
        months = [f"date '{file.stem}-01'" for file in written]
        of_these = f"{table.month_column} >= {months[0]} and {table.first_day}"
        yield (
            connection.execute(
                f"{totals} from {held} where {of_these} in ({', '.join(months)})"
            ).fetchone(),
            _totals(connection, f"{totals} from {_relation(written)}"),
        )


def _relation(files: Sequence[Path]) -> str:
    listed = ", ".join(file_literal(path) for path in files)
    return f"read_parquet([{listed}], hive_partitioning = false)"


def _rows_by_month(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path]
) -> dict[str, int] | str:
    listed = ", ".join(file_literal(path) for path in files)
    rows = _of_copy(
        connection, f"select file_name, num_rows from parquet_file_metadata([{listed}])"
    )
    if isinstance(rows, str):
        return rows
    return {Path(name).stem: count for name, count in rows}


def _same_bytes(warehouse: Path, copy: Path) -> bool:
    """Returns whether one database file is the other, so that no table of them can differ.

    Nothing of that holds while changes of the warehouse wait in its log.
    """
    logs = (path.with_name(f"{path.name}.wal") for path in (warehouse, copy))
    if any(log.exists() for log in logs):
        return False
    with warehouse.open("rb", buffering=0) as ours, copy.open("rb", buffering=0) as theirs:
        while block := ours.read(BLOCK_BYTES):
            if theirs.read(BLOCK_BYTES) != block:
                return False
        return not theirs.read(1)


def _totals(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...] | str:
    """Returns the totals of a copy, or what keeps it from being read."""
    rows = _of_copy(connection, sql)
    return rows if isinstance(rows, str) else rows[0]


def _of_copy(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]] | str:
    """Returns what a statement yields of a copy, or what keeps that from being read."""
    try:
        return connection.execute(sql).fetchall()
    except duckdb.OutOfMemoryException:
        raise
    except UNREADABLE as error:
        return f"{error}"


def _difference(table: str, place: str, warehouse: str, published: str) -> dict[str, str]:
    return {"table": table, "place": place, "warehouse": warehouse, "published": published}


def _totals_sql(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Returns a select of the number of rows and of one number for all their values.

    That number is the same whatever the order of the rows, and equal values have equal sums.
    """
    columns = connection.execute(
        "select column_name from duckdb_columns() "
        "where database_name = 'held' and table_name = ? order by column_index",
        [table],
    ).fetchall()
    names = ", ".join(identifier(name) for (name,) in columns)
    return f"select count(*), sum(cast(hash({names}) as hugeint))"
