"""Scanning text files by whole lines, each with its number; for formats of one record a line.

Works inside the scratch connection of ``ingest/load.py``.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import duckdb

from ecom_assets.duck import file_literal, make_table

CHUNK_BYTES = 1_000_000
LONGEST_LINE = 16_000_000
BOM = "\ufeff"

# A whole line as one column: no text holds this character, and nothing is a quote. The buffer would
# else be sixteen of the longest lines, for each file anew.
WHOLE_LINES = (
    "columns = {'line': 'varchar'}, header = false, auto_detect = false, delim = chr(31), "
    "quote = '', escape = '', strict_mode = false, filename = true, store_rejects = true, "
    f"max_line_size = {LONGEST_LINE}, buffer_size = {2 * LONGEST_LINE}"
)


def scan_lines(connection: duckdb.DuckDBPyConnection, files: Mapping[int, Path]) -> None:
    """Reads files in one scan into ``numbered(file_no, line, source_row)``, without blank lines.

    ``source_row`` is the number of the line, from 1; blank lines count. Lines that are not UTF-8
    or too long go to ``broken``.
    """
    with TemporaryDirectory() as folder:
        paths = {no: _tidy(path, Path(folder) / f"{no}.txt") for no, path in files.items()}
        _scan(connection, paths)
    row = connection.execute("select count(*) from reject_errors").fetchone()
    connection.execute(_NUMBER_AROUND_REFUSED if row and row[0] else _NUMBER_LINES)


def _tidy(path: Path, target: Path) -> Path:
    """Returns a file with plain line ends and no mark at its beginning: itself, or a copy.

    Of a line that is too long the copy has as much as shows that: one that fills DuckDB's buffer
    is lost without a word.
    """
    mark = BOM.encode()
    with path.open("rb") as file:
        is_marked = file.read(len(mark)) == mark
        if not is_marked and _is_tidy(file):
            return path
    with (
        path.open(encoding="latin-1") as source,  # any bytes; every kind of line end becomes one
        target.open("w", encoding="latin-1", newline="\n") as copy,
    ):
        if is_marked:
            source.read(len(mark))
        copied = 0  # of the line
        while piece := source.readline(CHUNK_BYTES):
            ends = piece.endswith("\n")
            copy.write(piece if copied <= LONGEST_LINE else "\n" * ends)
            copied = 0 if ends else copied + len(piece)
    return target


def _is_tidy(file: BinaryIO) -> bool:
    """Whether a file has neither returns nor lines that are far too long."""
    file.seek(0)
    unended = 0
    while chunk := file.read(CHUNK_BYTES):
        last = chunk.rfind(b"\n")
        unended = unended + len(chunk) if last < 0 else len(chunk) - last
        if b"\r" in chunk or unended > LONGEST_LINE:
            return False
    return True


def _scan(connection: duckdb.DuckDBPyConnection, paths: Mapping[int, Path]) -> None:
    listed = ", ".join(file_literal(path) for path in paths.values())
    connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    numbered = [(no, str(path)) for no, path in paths.items()]
    make_table(connection, "scanned_files", {"file_no": "integer", "path": "varchar"}, numbered)
    connection.execute(
        f"create or replace temp table scanned as select * from read_csv([{listed}], {WHOLE_LINES})"
    )


# What begins with a plain character is not blank: to trim it would take longer than to scan it.
_COUNTED = """
    select f.file_no, s.line, s.rowid - o.first_rowid + 1 as accepted
    from scanned as s
    join (select filename, min(rowid) as first_rowid from scanned group by filename) as o
        on s.filename = o.filename
    join scanned_files as f on s.filename = f.path
    where case when s.line between '!' and '~' then true else trim(s.line) <> '' end
"""

_NUMBER_LINES = f"""
    create or replace temp table numbered as
    select file_no, line, accepted as source_row from ({_COUNTED})
"""

# Rejected lines (not UTF-8, too long) have their number; the others fill the numbers in between.
_NUMBER_AROUND_REFUSED = f"""
    create or replace temp table refused as
    select f.file_no, e.line as source_row, any_value(e.csv_line) as raw_text,
        case any_value(e.error_type)
            when 'INVALID ENCODING' then 'a character is not in utf-8'
            when 'LINE SIZE OVER MAXIMUM' then 'the line is longer than {LONGEST_LINE:,} bytes'
            else any_value(e.error_message)
        end as reason
    from reject_errors as e
    join reject_scans as s on e.scan_id = s.scan_id and e.file_id = s.file_id
    join scanned_files as f on s.file_path = f.path
    group by f.file_no, e.line;

    insert into broken select *, 1 from refused;

    create or replace temp table numbered as
    with counted as ({_COUNTED}),
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
        accepted + coalesce((
            select sum(refused_lines) from shifts
            where shifts.file_no = counted.file_no and shifts.place <= counted.accepted
        ), 0) as source_row
    from counted;
"""
