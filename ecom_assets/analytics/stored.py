"""Tables in and out of the warehouse: finished ones are read, those of the analytics replaced.

Frames go through Parquet files in the home's scratch folder, in the exact types of the columns.
No connection is open while anything is computed: dbt could not open the warehouse.
"""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING

import duckdb

from ecom_assets.analytics.tables import AnalyticsTable, analytics_tables
from ecom_assets.duck import identifier, quote, scratch_connection, scratch_folder
from ecom_assets.home import Home

if TYPE_CHECKING:
    import polars as pl

DRAFT = "draft_of_"  # a temporary table with what is to replace a table


def read_frames(home: Home, names: Iterable[str]) -> "dict[str, pl.DataFrame]":
    """Returns the rows of queries in ``sql/``, by their names."""
    import polars as pl

    with scratch_folder(home) as folder, scratch_connection(home) as connection:
        for name, path in (("warehouse", home.warehouse), ("staging", home.staging)):
            connection.execute(f"attach {quote(str(path))} as {name} (read_only)")
        found: dict[str, pl.DataFrame] = {}
        for name in names:
            target = folder / f"{name}.parquet"
            connection.execute(f"copy ({query_of(name)}) to {quote(str(target))} (format parquet)")
            found[name] = pl.read_parquet(target)
        return found


def query_of(name: str) -> str:
    """Returns the text of a query in ``sql/``, over ``warehouse`` and ``staging``."""
    return files("ecom_assets.analytics").joinpath("sql", f"{name}.sql").read_text("utf-8")


def make_analytics_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables of the analytics where they are missing or of other columns; empty then.

    Args:
        connection: One in which ``warehouse`` is attached.
    """
    for table in analytics_tables().values():
        held = connection.execute(
            "select column_name, lower(data_type), not is_nullable from duckdb_columns() where "
            "database_name = 'warehouse' and table_name = ? order by column_index",
            [table.table],
        ).fetchall()
        wanted = [(c.name, c.data_type, c.required) for c in table.columns]
        if held != wanted:
            columns = ", ".join(column.definition for column in table.columns)
            connection.execute(f"create or replace table warehouse.main.{table.table} ({columns})")


def draft_tables(
    connection: duckdb.DuckDBPyConnection, home: Home, frames: "Mapping[str, pl.DataFrame]"
) -> None:
    """Makes temporary tables of what was computed, in the types of the tables they are to replace.

    Args:
        connection: Where they are made, each with ``draft_of_`` before the table's name.
        home: The home in whose scratch folder the rows lie for a moment.
        frames: The rows by table, with all its columns in any order.
    """
    with scratch_folder(home) as folder:
        for name, frame in frames.items():
            path = folder / f"{name}.parquet"
            frame.write_parquet(path)
            table = analytics_tables()[name]
            columns = ", ".join(_cast(column, kind) for column, kind in table.types.items())
            connection.execute(
                f"create or replace temp table {DRAFT}{name} as "
                f"select {columns} from read_parquet({quote(str(path))})"
            )


def replace_tables(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Replaces all rows of tables by those of their drafts, in one transaction."""
    make_analytics_tables(connection)
    connection.execute("begin transaction")
    for name in names:
        connection.execute(f"delete from warehouse.main.{name}")
        connection.execute(
            f"insert into warehouse.main.{name} by name "
            f"select * from {DRAFT}{name} order by {_order(analytics_tables()[name])}"
        )
    connection.execute("commit")


def _order(table: AnalyticsTable) -> str:
    return ", ".join(table.grain)


def _cast(column: str, kind: str) -> str:
    return f"cast({identifier(column)} as {kind}) as {identifier(column)}"
