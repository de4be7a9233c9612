"""The simulated files as tables of a DuckDB file: what the bare writing writes from. Not timed.

Usage: ``python -m benchmarks.held_tables fill DATABASE INBOX`` with SimMart's folder in the inbox,
and ``check DATABASE INBOX WRITTEN`` with the folder of the bare writing. Each table has the columns
of its files, in the types in which these are written, and ``file``, the name without its suffix;
``empty_files`` tells the files without rows.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.sheets import unpack_sheets
from ecom_assets.duck import identifier, insert_rows, quote
from ecom_assets.feeds import Feed, shipped_feeds
from ecom_assets.simmart.tables import TABLES

CSV_TYPES = {
    "text": "varchar",
    "date": "date",
    "timestamp": "timestamp",
    "integer": "bigint",
    "money": "decimal(18, 2)",  # the shop's currency has cents
    "decimal": "decimal(18, 8)",
}
JSON_TYPES = CSV_TYPES | {"money": "double"}  # JSON's own numbers
TRUTH_VALUES = ("restocked",)  # JSON's own too
DAY_0 = "date '1899-12-30'"  # of a spreadsheet


def fill(connection: duckdb.DuckDBPyConnection, inbox: Path) -> dict[str, int]:
    """Reads all files, a table for each kind; returns how many files, rows and bytes they are."""
    counts: Counter[str] = Counter()
    connection.execute("create table empty_files (kind varchar, file varchar)")
    with TemporaryDirectory() as scratch:
        sheets = unpack_sheets(inbox, Path(scratch) / "sheets")
        for kind in TABLES:
            table, files = identifier(kind), list((inbox / kind).iterdir())
            connection.execute(
                f"create table {table} as {_rows(shipped_feeds()[kind], inbox / kind, sheets)}"
            )
            rows = dict(
                connection.execute(f"select file, count(*) from {table} group by file").fetchall()
            )
            empty = [[kind, path.stem] for path in files if path.stem not in rows]
            insert_rows(connection, "empty_files", empty)
            counts["files"] += len(files)
            counts["rows"] += sum(rows.values())
            counts["bytes"] += sum(path.stat().st_size for path in files)
    return counts


def _rows(feed: Feed, folder: Path, sheets: Path) -> str:
    """Returns the SQL that reads all files of a kind in their order."""
    named = "select parse_filename(filename, true) as file"
    if feed.format == "xlsx":
        cells = ", ".join(
            f"{_cell(place, column.type)} as {column.header}"
            for place, column in enumerate(feed.columns, 1)
        )
        return (
            f"{named}, {cells} from (select filename, "
            "regexp_extract_all(line, '<(?:t|v)>([^<]*)</', 1) as cell from "
            f"read_csv({quote(str(sheets))}, header = false, filename = true, delim = '\\x01', "
            "auto_detect = false, quote = '', escape = '', columns = {'line': 'varchar'}) "
            "where line like '<row>%')"
        )
    known = JSON_TYPES if feed.format == "jsonl" else CSV_TYPES
    types = {c.header: known[c.type] for c in feed.columns}
    if feed.format == "jsonl":
        types |= {name: "boolean" for name in types if name in TRUTH_VALUES}
    columns = json.dumps(types).replace('"', "'")
    how = "read_json" if feed.format == "jsonl" else "read_csv"
    more = "format = 'newline_delimited'" if feed.format == "jsonl" else "header = true"
    files = quote(str(folder / f"*.{feed.format}"))
    return (
        f"{named}, * exclude (filename) "
        f"from {how}({files}, filename = true, {more}, columns = {columns})"
    )


def _cell(place: int, type_: str) -> str:
    value = f"cell[{place}]"
    return {
        "date": f"{DAY_0} + cast({value} as integer)",
        "integer": f"cast({value} as bigint)",
    }.get(type_, value)


def differences(connection: duckdb.DuckDBPyConnection, inbox: Path, written: Path) -> Iterator[str]:
    """Yields in words how the bare writing differs from the simulated files.

    DuckDB keeps neither the names of files nor the order of rows in one.
    """
    for kind in TABLES:
        simulated, bare = list((inbox / kind).iterdir()), list((written / kind).iterdir())
        if len(simulated) != len(bare):
            yield f"{kind}: {len(simulated)} files, bare {len(bare)}"
        elif shipped_feeds()[kind].format == "xlsx":
            if wrong := _other_rows(connection, kind, written / kind):
                yield f"{kind}: {wrong} rows are others"
        elif others := Counter(map(_lines, simulated)) - Counter(map(_lines, bare)):
            yield f"{kind}: of {others.total()} files there is none with the same rows"


def _lines(file: Path) -> tuple[bytes, ...]:
    """Returns the lines of a file in an order of their own."""
    return tuple(sorted(file.read_bytes().splitlines()))


def _other_rows(connection: duckdb.DuckDBPyConnection, kind: str, folder: Path) -> int:
    """Returns how many rows of workbooks differ from those of the CSV files written instead."""
    held = f"select * exclude (file) from {identifier(kind)}"
    again = f"from read_csv({quote(str(folder / '*.csv'))})"
    (found,) = connection.execute(
        f"select count(*) from (({held} except all {again}) union all ({again} except all {held}))"
    ).fetchall()
    return int(found[0])


def main() -> None:
    """Fills and prints counts as JSON, or checks.

    Raises:
        SystemExit: The bare writing has written something else.
    """
    mode, database, inbox = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    with duckdb.connect(database) as connection:
        if mode == "fill":
            print(json.dumps(fill(connection, inbox)))
        elif wrong := list(differences(connection, inbox, Path(sys.argv[4]))):
            sys.exit("not the same files:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
