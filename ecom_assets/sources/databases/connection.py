"""A connection to a database: DuckDB with the extension for it, which comes as a signed wheel."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from importlib import resources
from pathlib import Path

import duckdb

from ecom_assets.duck import identifier, quote, scratch_connection, scratch_folder
from ecom_assets.errors import SourceError
from ecom_assets.home import Home
from ecom_assets.sources.databases.address import Address
from ecom_assets.sources.databases.dialect import POSTGRES_SESSION
from ecom_assets.sources.databases.failure import ask

SOURCE = "source"  # under which name the database is attached
PATIENCE_SECONDS = 10  # to reach a server
SETTINGS = {
    "sqlite": (),
    "postgres": (),
    "mysql": ("mysql_session_time_zone = '+00:00'",),
}


@contextmanager
def source_connection(
    home: Home, address: Address, *, read_only: bool = True
) -> Generator[duckdb.DuckDBPyConnection]:
    """Opens a scratch database in which a shop's database is attached, for reading if not said.

    Raises:
        SourceError: It cannot be reached.
    """
    if address.kind == "sqlite" and not Path(address.place["path"]).is_file():
        raise SourceError(f"{address!r} is none: no such file (a whole path has four slashes)")
    with scratch_connection(home) as connection:
        _load_extension(connection, home, address.kind)
        connection.execute("set TimeZone = 'UTC'")
        for setting in SETTINGS[address.kind]:
            connection.execute(f"set {setting}")
        ask(address, "all", lambda: _attach(connection, address, read_only=read_only))
        yield connection


@contextmanager
def snapshot(connection: duckdb.DuckDBPyConnection, address: Address) -> Generator[None]:
    """One transaction; what is asked of Postgres in it comes from one session, as of one moment."""
    connection.execute("begin transaction")
    with ExitStack() as unless_done:
        unless_done.callback(_roll_back, connection)
        if address.kind == "postgres":
            ask(address, "all", lambda: _set_session(connection))
        yield
        unless_done.pop_all()
    ask(address, "all", lambda: connection.execute("commit"))


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # of a server that is gone
        connection.execute("rollback")


def _set_session(connection: duckdb.DuckDBPyConnection) -> None:
    said = ", ".join(
        f"set_config({quote(name)}, {quote(value)}, true) as {identifier(name)}"
        for name, value in POSTGRES_SESSION.items()
    )
    connection.execute(f"from postgres_query('{SOURCE}', {quote(f'select {said}')})")


def _load_extension(connection: duckdb.DuckDBPyConnection, home: Home, kind: str) -> None:
    """Loads the wheel's file under the name that DuckDB looks for inside it."""
    folder = resources.files(f"duckdb_extension_{kind}") / "extensions" / f"v{duckdb.__version__}"
    with (
        resources.as_file(folder / f"{kind}.duckdb_extension") as wheel,
        scratch_folder(home) as scratch,
    ):
        named = scratch / f"{kind}_scanner.duckdb_extension"
        named.symlink_to(wheel)
        connection.execute(f"load {quote(str(named))}")


def _attach(connection: duckdb.DuckDBPyConnection, address: Address, *, read_only: bool) -> None:
    mode = ", read_only" if read_only else ""
    place = dict(address.place)
    if address.kind == "sqlite":
        connection.execute(f"attach {quote(place['path'])} as {SOURCE} (type sqlite{mode})")
        return
    said = ", ".join(f"{name} {quote(value)}" for name, value in place.items())
    connection.execute(f"create temporary secret the_source (type {address.kind}, {said})")
    options = dict(address.options)
    if address.kind == "postgres":
        options = {"connect_timeout": str(PATIENCE_SECONDS), **options}
    told = " ".join(f"{name}={_value(value)}" for name, value in options.items())
    connection.execute(
        f"attach {quote(told)} as {SOURCE} (type {address.kind}, secret the_source{mode})"
    )


def _value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
