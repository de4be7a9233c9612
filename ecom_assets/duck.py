"""DuckDB connections with the limits of the settings, and texts that become part of SQL."""

import json
import os
import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import duckdb

from ecom_assets.home import Home
from ecom_assets.settings import settings

DEFAULT_BYTES = 10**9  # of memory, as the settings say
BYTES_PER_ROW = 84  # of memory, for each row of the lake, to build what is made of it
STORAGE = "v1.4.0"  # its way to compress texts writes them a third faster than the default's two
_PARTS = (
    "from duckdb_tables() where (database_name, schema_name, table_name) = "
    "('staging', 'raw', 'parts')"
)
T = TypeVar("T")
Item = TypeVar("Item")
Config = dict[str, str | bool | int | float | list[str]]


@contextmanager
def scratch_connection(
    home: Home, *, threads: int | None = None
) -> Generator[duckdb.DuckDBPyConnection]:
    """Opens an in-memory database that may spill into a folder of its own.

    Args:
        home: The home in whose scratch folder that is.
        threads: Fewer than the settings allow, with as large a share of the memory.
    """
    with scratch_folder(home) as spill:
        config = limits(spill, threads or settings().threads)
        with duckdb.connect(":memory:", config=config) as connection:
            yield connection


@contextmanager
def scratch_folder(home: Home) -> Generator[Path]:
    """Makes a folder for files in the making, and removes it.

    Its name begins with the process: what a killed one left is swept.
    """
    home.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home.scratch, prefix=f"{os.getpid()}-") as folder:
        yield Path(folder)


@contextmanager
def warehouse_connection(home: Home) -> Generator[duckdb.DuckDBPyConnection]:
    """Opens warehouse and staging for writing, as dbt sees them. Needs the writer lock."""
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with scratch_connection(home) as connection:
        attach_warehouse(connection, home)
        yield connection


@contextmanager
def published_connection(
    version: Path, *, sealed: bool = True
) -> Generator[duckdb.DuckDBPyConnection]:
    """Opens a published version for reading; if sealed, its SQL reaches no other file."""
    path = str(version / "warehouse.duckdb")
    with (
        scratch_folder(Home(version.parents[1])) as spill,
        duckdb.connect(path, read_only=True, config=limits(spill)) as connection,
    ):
        if sealed:
            connection.execute("set enable_external_access = false; set lock_configuration = true")
        yield connection


def interruptible(connection: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """Does work with a connection that Ctrl-C ends at once.

    DuckDB does not look for it while it executes a statement, which may take as long as it likes.

    Args:
        connection: The connection.
        work: What is done with it, and with nothing else: another thread does it.

    Raises:
        KeyboardInterrupt: The main thread was interrupted, and the statement ended.
    """
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(work)
        try:
            return answer.result()
        except KeyboardInterrupt:
            connection.interrupt()
            raise


def side_by_side(
    connection: duckdb.DuckDBPyConnection,
    items: Iterable[Item],
    work: Callable[[duckdb.DuckDBPyConnection, Item], T],
) -> list[T]:
    """Does the same for each of some items, as many at a time as the settings allow threads.

    Planning a statement, small tables and the ends of files keep one thread busy each.

    Args:
        connection: Where all is attached. What is set for it alone is not set for `work`.
        items: The items.
        work: What is done for one, with a connection of its own to the same databases.

    Returns:
        What came of each, in their order.

    Raises:
        Exception: What the first of them raised that failed; those under way are awaited.
    """

    def do(item: Item) -> T:
        with connection.cursor() as own:
            return work(own, item)

    with ThreadPoolExecutor(settings().threads) as threads:
        return list(threads.map(do, items))


def attach_warehouse(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Attaches a home's two database files as ``warehouse`` and ``staging``."""
    for name, path in (("warehouse", home.warehouse), ("staging", home.staging)):
        connection.execute(
            f"attach if not exists {quote(str(path))} as {name} (storage_version {quote(STORAGE)})"
        )


def make_room(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives a build of many rows more memory than the default, if nobody has set a limit.

    Of 47 million rows all statements come to an end with 4 GB, and not always with 3. At most half
    of the machine's memory is taken.

    Args:
        connection: Has ``staging`` attached, which knows the parts of the lake before a build.
    """
    if "memory_limit" in settings().model_fields_set or not connection.execute(_PARTS).fetchall():
        return
    rows = connection.execute("select coalesce(sum(rows), 0) from staging.raw.parts").fetchall()
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    wanted = min(int(rows[0][0]) * BYTES_PER_ROW, machine // 2)
    if wanted > DEFAULT_BYTES:
        connection.execute(f"set memory_limit = '{wanted}B'")


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[object]]
) -> None:
    """Inserts rows, given in the order of the table's columns, in one statement."""
    described = connection.execute(f"describe {table}").fetchall()
    types = {str(column[0]): str(column[1]) for column in described}
    connection.execute(f"insert into {table} {_rows_sql(types)}", [_json_of(types, rows)])


def make_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    types: Mapping[str, str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Makes a temporary table, or replaces it, in one statement.

    Args:
        connection: Where it is made.
        table: Its name, as an SQL identifier.
        types: The SQL types of its columns, by their names.
        rows: Its rows, in the order of these.
    """
    connection.execute(
        f"create or replace temp table {table} as {_rows_sql(types)}", [_json_of(types, rows)]
    )


def _rows_sql(types: Mapping[str, str]) -> str:
    """Returns a select of the rows that ``_json_of`` makes one text of, its only parameter.

    DuckDB looks for pandas and numpy anew for each bound value, which makes 300 rows take half a
    second instead of five milliseconds.
    """
    shape = quote(json.dumps([dict(types)]))
    return f"select unnest(from_json(cast(? as json), {shape}), recursive := true)"


def _json_of(types: Mapping[str, str], rows: Iterable[Sequence[object]]) -> str:
    return json.dumps([dict(zip(types, row, strict=True)) for row in rows], default=str)


def limits(spill: Path, threads: int | None = None) -> Config:
    """Returns the DuckDB configuration that the settings ask for.

    Args:
        spill: A folder of this database alone: two of them would overwrite each other's pages.
        threads: All the settings allow, or fewer, with as large a share of the memory.
    """
    allowed = settings().threads
    return {
        "threads": threads or allowed,
        "memory_limit": _share(settings().memory_limit, (threads or allowed) / allowed),
        "temp_directory": str(spill),
        "autoinstall_known_extensions": "false",
    }


def _share(limit: str, share: float) -> str:
    number, unit = re.fullmatch(r"\s*([\d.]+)\s*(\S+)\s*", limit).groups()  # type: ignore[union-attr]
    return f"{float(number) * min(share, 1):g}{unit}"


def quote(text: str) -> str:
    """Returns a text as SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def list_literal(texts: Iterable[str]) -> str:
    """Returns texts as SQL literal of a list."""
    return f"[{', '.join(map(quote, texts))}]"


def file_literal(path: Path | str) -> str:
    """Returns a path as SQL literal that matches no other: a home may be called ``shop [1]``."""
    return quote(re.sub(r"([*?\[])", r"[\1]", str(path)))


def identifier(name: str) -> str:
    """Returns a name as quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
