"""Accounting for every line of delivered CSV files, counted without the reader that parsed them.

Works inside the scratch connection of ``ingest/load.py``, behind ``read_csv.py``. What a file has
more than its header, its records and the line ends inside their texts was swallowed by a broken
record, whose text is cut after ten thousand bytes; or else it was lost (table ``unread``).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

CUT_BYTES = 10_000
CHUNK_BYTES = 1_000_000


def account_for_lines(
    connection: duckdb.DuckDBPyConnection,
    header: Sequence[str],
    files: Mapping[int, Path],
) -> None:
    """Weighs broken records by their lines, and notes lines that no record came from.

    Args:
        connection: Holds ``scanned``, ``numbered`` and ``rejected_records`` of these files, and
            ``broken``.
        header: The header that the files share.
        files: Path by file number, in an encoding whose line ends are single bytes.
    """
    records = dict(
        connection.execute(
            """
            select file_no, cast(sum(lines) as bigint)
            from (
                select file_no, count(*) as lines from numbered group by file_no
                union all
                select file_no, sum(lines) from broken group by file_no
            ) group by file_no
            """
        ).fetchall()
    )
    header_lines = 1 + sum(len(re.findall("\r\n|\r|\n", name)) for name in header)
    for file_no, path in files.items():
        known = header_lines + records.get(file_no, 0)
        more = _written_lines(path) - known
        if more > 0:
            more -= _line_ends_inside(connection, file_no, header)
        if more > 0:
            _attribute(connection, file_no, more)


def _written_lines(path: Path) -> int:
    """Returns how many lines of a file are not empty."""
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            content = last + chunk.replace(b"\r", b"\n")
            ends = content.count(b"\n") - content.endswith(b"\n")
            lines += ends - len(re.findall(rb"\n(?=\n)", content))
            last = content[-1:]
    return lines


def _line_ends_inside(
    connection: duckdb.DuckDBPyConnection, file_no: int, header: Sequence[str]
) -> int:
    """Returns how many line ends lie inside the texts of a file's accepted records."""
    text = "concat_ws('', " + ", ".join(f"s.h{index}" for index, _ in enumerate(header)) + ")"
    row = connection.execute(
        f"""
        select coalesce(sum(length(regexp_replace({text}, '\\r\\n|\\r|\\n', chr(10), 'g'))
            - length(regexp_replace({text}, '\\r|\\n', '', 'g'))), 0)
        from scanned as s join numbered as n on s.rowid = n.position
        where n.file_no = ? and (contains({text}, chr(10)) or contains({text}, chr(13)))
        """,
        [file_no],
    ).fetchone()
    return int(row[0]) if row else 0


def _attribute(connection: duckdb.DuckDBPyConnection, file_no: int, lines: int) -> None:
    """Adds lines to the broken record whose text is cut, or notes them as unread."""
    cut = connection.execute(
        "select source_row from rejected_records join broken using (file_no, source_row) "
        "where is_cut and file_no = ? order by lines desc, source_row limit 1",
        [file_no],
    ).fetchone()
    if cut is None:
        connection.execute("insert into unread values (?, ?)", [file_no, lines])
    else:
        connection.execute(
            "update broken set lines = lines + ? where file_no = ? and source_row = ?",
            [lines, file_no, cut[0]],
        )
