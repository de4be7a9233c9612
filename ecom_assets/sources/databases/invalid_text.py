"""Which text of a SQLite table is no UTF-8: DuckDB's error names neither column nor row.

SQLite keeps any bytes as text. The row is searched for after a pull has failed of it, so a pull
that does not fail costs nothing more.
"""

from collections.abc import Generator
from contextlib import contextmanager

from ecom_assets.errors import SourceError
from ecom_assets.sources.databases.dialect import Sqlite
from ecom_assets.sources.databases.table import Table

INVALID = "Invalid unicode"


@contextmanager
def naming_invalid_text(table: Table) -> Generator[None]:
    """Names the first text that is no UTF-8, where reading a table fails of one.

    Raises:
        SourceError: What the block raised; with column and key where such a text is found.
    """
    fault: SourceError | None = None
    try:
        yield
    except SourceError as error:
        fault = error
    if fault is None:
        return
    if INVALID in str(fault) and isinstance(table.dialect, Sqlite):
        fault = _named(table) or fault
    raise fault


def _named(table: Table) -> SourceError | None:
    for column in table.columns:
        row = table.first_invalid(column)
        if row is None:
            continue
        values = zip(table.pull.key, row, strict=True)
        keys = ", ".join(f"{name} {value}" for name, value in values if value is not None)
        return SourceError(
            f"{table.address!r} holds a text that is no UTF-8 in {table.pull.place}, column "
            f"{column}" + (f", in the row of {keys}" if keys else "") + ": write it anew there"
        )
    return None
