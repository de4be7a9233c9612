"""Identity 8: what is published is what the warehouse holds: rows, sums and every value."""

import filecmp
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ecom_assets.duck import file_literal, identifier, quote

PUBLICATION = "published_equals_warehouse"
DATABASE, PARQUET = "warehouse.duckdb", "parquet"  # the places of a version
UNREADABLE = (  # a copy that raises one of these is not what was written
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
)
NUMERIC = ("decimal", "bigint", "integer", "double", "hugeint")
INEXACT = "double"  # its sum depends on the order of the rows


def publication_differences(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, draft: Path, tables: Sequence[str]
) -> list[dict[str, str]]:
    """Compares the draft of a version with the warehouse.

    Args:
        connection: A connection with nothing attached under the names used here.
        warehouse: The warehouse's database file.
        draft: The draft's folder, with ``warehouse.duckdb`` and ``parquet/<table>/``.
        tables: The gold tables.

    Returns:
        One row per table and place that differs or cannot be read; empty if all is equal.
    """
    connection.execute(f"attach {quote(str(warehouse))} as held (read_only)")
    try:
        connection.execute(f"attach {quote(str(draft / DATABASE))} as copied (read_only)")
    except duckdb.IOException as error:
        return [_difference("every table", DATABASE, "readable", f"{error}")]
    is_same_file = _same_bytes(warehouse, draft / DATABASE)
    found: list[dict[str, str]] = []
    for table in tables:
        totals = _totals_sql(connection, table)
        expected = connection.execute(f"{totals} from held.main.{table}").fetchone()
        files = sorted((draft / "parquet" / table).glob("*.parquet"))
        listed = ", ".join(file_literal(path) for path in files)
        places = {} if is_same_file else {DATABASE: f"copied.main.{table}"}
        if files or (expected and expected[0]):
            places[PARQUET] = f"read_parquet([{listed}], hive_partitioning = false)"
        for place, relation in places.items():
            actual = _totals(connection, f"{totals} from {relation}")
            if actual != expected:
                found.append(_difference(table, place, f"{expected}", f"{actual}"))
    return found


def _same_bytes(warehouse: Path, copy: Path) -> bool:
    """Returns whether one database file is the other, so that no table of them can differ.

    Nothing of that holds while changes of the warehouse wait in its log.
    """
    logs = (path.with_name(f"{path.name}.wal") for path in (warehouse, copy))
    if any(log.exists() for log in logs):
        return False
    filecmp.clear_cache()  # it would answer for files that were changed within a tick of the clock
    return filecmp.cmp(warehouse, copy, shallow=False)


def _totals(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...] | str | None:
    """Returns the totals of a copy, or what keeps it from being read."""
    try:
        return connection.execute(sql).fetchone()
    except UNREADABLE as error:
        return f"{error}"


def _difference(table: str, place: str, warehouse: str, published: str) -> dict[str, str]:
    return {"table": table, "place": place, "warehouse": warehouse, "published": published}


def _totals_sql(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = 'held' and table_name = ? order by column_index",
        [table],
    ).fetchall()
    sums = [_total_sql(identifier(name), str(kind).lower()) for name, kind in columns]
    names = ", ".join(identifier(name) for name, _ in columns)
    values = f"sum(cast(hash({names}) as hugeint))"  # whatever the order of the rows
    return f"select {', '.join(['count(*)', values, *sums])}"


def _total_sql(column: str, kind: str) -> str:
    if kind.startswith(INEXACT):
        return f"sum(cast({column} as decimal(38, 8)))"
    return f"sum({column})" if kind.startswith(NUMERIC) else f"count({column})"
