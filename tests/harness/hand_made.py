"""A published version made by hand: empty tables as their contracts say, and the rows one gives."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.warehouse.project import load_project
from tests.harness.nodes import stored_nodes


def empty_tables() -> duckdb.DuckDBPyConnection:
    """Returns a database in memory with all published tables, empty."""
    connection = duckdb.connect(":memory:")
    gold = load_project().gold
    for node in stored_nodes():
        if node.name in gold and node.columns:
            columns = ", ".join(f"{n} {c['data_type']}" for n, c in node.columns.items())
            connection.execute(f"create table {node.name} ({columns})")
    for table in analytics_tables().values():
        columns = ", ".join(f"{name} {kind}" for name, kind in table.types.items())
        connection.execute(f"create table {table.table} ({columns})")
    return connection


def fill(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Inserts rows of which each names the columns that it fills."""
    for row in rows:
        places = ", ".join(f"${name}" for name in row)
        connection.execute(f"insert into {table} ({', '.join(row)}) values ({places})", dict(row))
