"""DuckDB connections with the limits of the settings. The only place that opens one."""

import json
import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ecom_assets.home import Home
from ecom_assets.settings import settings

Config = dict[str, str | bool | int | float | list[str]]


@contextmanager
def scratch_connection(
    home: Home, *, threads: int | None = None
) -> Generator[duckdb.DuckDBPyConnection]:
    """Opens an in-memory database that may spill into the home's scratch folder."""
    home.scratch.mkdir(parents=True, exist_ok=True)  # DuckDB makes no folder above its own
    config: Config = {**limits(home)}
    if threads:
        config["threads"] = threads
    with duckdb.connect(":memory:", config=config) as connection:
        yield connection


@contextmanager
def scratch_folder(home: Home) -> Generator[Path]:
    """Makes a folder for files in the making, and removes it."""
    home.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home.scratch) as folder:
        yield Path(folder)


@contextmanager
def warehouse_connection(home: Home) -> Generator[duckdb.DuckDBPyConnection]:
    """Opens warehouse and staging for writing, as dbt sees them. Needs the writer lock."""
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with scratch_connection(home) as connection:
        attach_warehouse(connection, home)
        yield connection


@contextmanager
def published_connection(version: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Opens a published version for reading."""
    config = limits(Home(version.parents[1]))
    path = str(version / "warehouse.duckdb")
    with duckdb.connect(path, read_only=True, config=config) as connection:
        yield connection


def attach_warehouse(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Attaches a home's two database files as ``warehouse`` and ``staging``."""
    for name, path in (("warehouse", home.warehouse), ("staging", home.staging)):
        connection.execute(f"attach if not exists {quote(str(path))} as {name}")


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[object]]
) -> None:
    """Inserts rows, given in the order of the table's columns, in one statement.

    As one JSON text: DuckDB looks for pandas and numpy anew for each bound value, which makes 300
    rows take half a second instead of five milliseconds.
    """
    described = connection.execute(f"describe {table}").fetchall()
    types = {str(column[0]): str(column[1]) for column in described}
    shape = quote(json.dumps([types]))
    text = json.dumps([dict(zip(types, row, strict=True)) for row in rows], default=str)
    connection.execute(
        f"insert into {table} "
        f"select unnest(from_json(cast(? as json), {shape}), recursive := true)",
        [text],
    )


def limits(home: Home) -> Config:
    """Returns the DuckDB configuration that the settings ask for."""
    return {
        "threads": settings().threads,
        "memory_limit": settings().memory_limit,
        "temp_directory": str(home.scratch / "duckdb"),
        "autoinstall_known_extensions": "false",
    }


def quote(text: str) -> str:
    """Returns a text as SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """Returns a path as SQL literal that matches no other: a home may be called ``shop [1]``."""
    return quote(re.sub(r"([*?\[])", r"[\1]", str(path)))


def identifier(name: str) -> str:
    """Returns a name as quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
