"""Reading JSON lines: one object a line, its members as the feed's columns.

``source_row`` is the number of the line, from 1; blank lines count, but are no records. A column's
header is the name of a member, or a path of names with dots where objects lie in objects. A text
is delivered as it is, any other value as JSON.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ecom_assets.duck import file_literal, insert_rows, quote
from ecom_assets.feeds import Feed
from ecom_assets.ingest.readable import HEADER_BYTES, Readable, Unreadable, encoding_fault

LONGEST_LINE = 16_000_000
BOM = "\ufeff"

# A whole line as one column: no text of JSON holds this character, and nothing is a quote.
WHOLE_LINES = (
    "columns = {'line': 'varchar'}, header = false, auto_detect = false, delim = chr(31), "
    "quote = '', escape = '', strict_mode = false, filename = true, store_rejects = true, "
    f"max_line_size = {LONGEST_LINE}"
)


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks at the beginning of a file: does its first line hold a JSON object?"""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    fault = encoding_fault(head, feed)
    if fault:
        return Unreadable(fault)
    lines = head.decode("utf-8", errors="replace").removeprefix(BOM).splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not first.lstrip().startswith("{"):
        shown = first.strip()[:40] or "nothing"
        return Unreadable(
            f"the file holds no JSON lines: it begins with {shown}, not with an object in {{}}"
        )
    return Readable()


def read_into(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    """Reads all files in one scan into ``delivered`` and ``broken``.

    Returns:
        The files with members that the feed does not know.
    """
    with TemporaryDirectory() as folder:
        paths = {no: _tidy(path, Path(folder) / f"{no}.jsonl") for no, (path, _) in files.items()}
        _scan(connection, paths)
    connection.execute(_SORT_OUT)
    paths_of_columns = ", ".join(quote(_path(column.header)) for column in feed.columns)
    values = ", ".join(f"found[{index + 1}]" for index, _ in enumerate(feed.columns))
    known = json.dumps({column.header.split(".")[0]: None for column in feed.columns})
    connection.execute(
        f"""
        insert into delivered
        select file_no, source_row, {values}, nullif(overflow, '{{}}')
        from (
            select file_no, source_row, json_extract_string(line, [{paths_of_columns}]) as found,
                cast(json_merge_patch(line, {quote(known)}) as varchar) as overflow
            from numbered where is_object
        )
        """
    )
    extra = connection.execute(
        """
        select file_no, list_sort(list(distinct member))
        from (
            select file_no, unnest(json_keys(overflow)) as member
            from delivered where overflow is not null
        )
        group by file_no
        """
    ).fetchall()
    return {file_no: Readable((), tuple(members)) for file_no, members in extra}


def _path(header: str) -> str:
    return "$" + "".join(f'."{name}"' for name in header.split("."))


def _tidy(path: Path, target: Path) -> Path:
    """Returns a file with plain line ends and no mark at its beginning: itself, or a copy."""
    content = path.read_bytes()
    mark = BOM.encode()
    if b"\r" not in content and not content.startswith(mark):
        return path
    content = content.removeprefix(mark).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    target.write_bytes(content)
    return target


def _scan(connection: duckdb.DuckDBPyConnection, paths: Mapping[int, Path]) -> None:
    listed = ", ".join(file_literal(path) for path in paths.values())
    connection.execute(
        "drop table if exists reject_errors; drop table if exists reject_scans; "
        "create or replace temp table scanned_files (file_no integer, path varchar)"
    )
    insert_rows(connection, "scanned_files", [(no, str(path)) for no, path in paths.items()])
    connection.execute(
        f"create or replace temp table scanned as select * from read_csv([{listed}], {WHOLE_LINES})"
    )


# Rejected lines (not UTF-8, too long) have their number; the others fill the numbers in between.
_SORT_OUT = """
    create or replace temp table refused as
    select f.file_no, e.line as source_row, any_value(e.csv_line) as raw_text,
        case any_value(e.error_type)
            when 'INVALID ENCODING' then 'a character is not in utf-8'
            else any_value(e.error_message)
        end as reason
    from reject_errors as e
    join reject_scans as s on e.scan_id = s.scan_id and e.file_id = s.file_id
    join scanned_files as f on s.file_path = f.path
    group by f.file_no, e.line;

    insert into broken select * from refused;

    create or replace temp table numbered as
    with firsts as (
        select filename, min(rowid) as first_rowid from scanned group by filename
    ),
    counted as (
        select f.file_no, s.line, s.rowid - o.first_rowid + 1 as accepted
        from scanned as s
        join firsts as o on s.filename = o.filename
        join scanned_files as f on s.filename = f.path
        where trim(s.line) <> ''
    ),
    shifts as (
        -- so many refused lines come before the accepted ones from this place on
        select file_no, count(*) as refused_lines, place
        from (
            select file_no, source_row - row_number() over (
                partition by file_no order by source_row
            ) + 1 as place
            from refused
        )
        group by file_no, place
    )
    select file_no, line,
        case when json_valid(line) then json_type(line) = 'OBJECT' else false end as is_object,
        accepted + coalesce((
            select sum(refused_lines) from shifts
            where shifts.file_no = counted.file_no and shifts.place <= counted.accepted
        ), 0) as source_row
    from counted;

    insert into broken
    select file_no, source_row, line, 'the line is no JSON object'
    from numbered where not is_object;
"""
