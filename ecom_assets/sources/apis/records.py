"""From the records of an answer to the table ``pulled``: every value a text, objects taken apart.

A column is a member, or a path of members with dots where objects lie in objects, as in feeds of
JSON lines. A text is as it is, any other value its JSON text; a list stays one value.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from ecom_assets.duck import file_literal, identifier, quote
from ecom_assets.errors import SourceError
from ecom_assets.exact_json import write
from ecom_assets.sources.apis.answer import Record
from ecom_assets.sources.databases.dialect import INSIDE

SMALLEST_BUFFER = 16 * 1024 * 1024  # DuckDB's own for one line
KINDS = {str: "string", bool: "boolean", list: "array", dict: "object", type(None): "null"}

_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass
class Spool:
    """Records on their way to DuckDB, a line each.

    Attributes:
        path: The file of lines.
        kinds: Kinds of values by column.
        rows: How many records there are.
        longest: Bytes of the longest line.
    """

    path: Path
    kinds: dict[str, set[str]] = field(default_factory=dict)
    rows: int = 0
    longest: int = 0

    def columns(self, known: Iterable[str]) -> dict[str, str]:
        """Returns the columns with their kinds; of those that are not known none that is empty."""
        wanted = set(known)
        return {
            name: " or ".join(sorted(kinds))
            for name, kinds in self.kinds.items()
            if name in wanted or kinds != {"null"}
        }


def spool(pages: Iterable[list[Record]], path: Path) -> Spool:
    """Writes records into a file as they come.

    Raises:
        SourceError: A record cannot be kept as it is.
    """
    found = Spool(path)
    with path.open("wb") as file:
        for page in pages:
            for record in page:
                line = _line(record, found)
                found.rows += 1
                found.longest = max(found.longest, len(line))
                file.write(line)
    return found


def read_spool(
    connection: duckdb.DuckDBPyConnection, spooled: Spool, columns: Mapping[str, str]
) -> None:
    """Makes ``pulled`` of a file of lines; a record that came on two pages alike counts once."""
    shape = ", ".join(f"{quote(name)}: 'varchar'" for name in columns)
    listed = ", ".join(map(identifier, columns))
    connection.execute(
        f"create or replace temp table lines as select * from read_json("
        f"{file_literal(spooled.path)}, format = 'newline_delimited', columns = {{{shape}}}, "
        f"maximum_object_size = {max(SMALLEST_BUFFER, spooled.longest + 1)})"
    )
    connection.execute(
        f"create or replace temp table pulled as select {listed}, 1 as {INSIDE} from lines "
        "group by all order by min(rowid)"
    )
    connection.execute("drop table lines")


def _line(record: Record, found: Spool) -> bytes:
    row: dict[str, str | None] = {}
    try:
        for name, value in _flat("", record):
            if name in row:
                raise SourceError(
                    f"a row has two values for {name}: a member, and one in an object"
                )
            found.kinds.setdefault(name, set()).add(KINDS.get(type(value), "number"))
            row[name] = value if type(value) is str or value is None else write(value)
        return _encode(row).encode() + b"\n"
    except UnicodeEncodeError:
        fault = "half of a surrogate pair, which is no text"
    except RecursionError:
        fault = "a value that is nested too deeply"
    raise SourceError(f"row {found.rows + 1:,} of the answers holds {fault}: mend it at the source")


def _flat(before: str, record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield from _flat(f"{before}{name}.", value)
        else:
            yield before + name, value
