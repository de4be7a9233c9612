"""Reading CSV files.

``source_row`` counts records: the header is 1, a record over several lines counts once, a blank
line is no record.
"""

import csv
import io
import mmap
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ecom_assets.duck import file_literal, make_table, quote
from ecom_assets.feeds import Feed
from ecom_assets.ingest.account import CUT_BYTES, account_for_lines
from ecom_assets.ingest.readable import (
    HEADER_BYTES,
    Readable,
    Unreadable,
    encoding_fault,
    header_fault,
    with_header,
)
from ecom_assets.ingest.transcode import CODECS, is_transcoded, transcode

CHUNK_BYTES = 1_000_000
UNKNOWN = "\ufffd"  # what Python puts for bytes that are no character


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks at the beginning of a file: can it be read as the feed says?"""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    fault = encoding_fault(head, feed)
    if fault:
        return Unreadable(fault)
    header = _header(head, feed)
    if not header:
        return Unreadable("the file has no header line: deliver it again")
    if fault := header_fault(header, feed):
        return Unreadable(fault + _likely_cause(header, feed))
    return with_header(header, feed)


def read_into(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    """Reads files, those with the same header together, into ``delivered`` and ``broken``.

    Returns:
        The files that cannot be read behind their header; nothing of them is kept.
    """
    if not is_transcoded(feed):
        return _read_all(connection, feed, files)
    with TemporaryDirectory() as folder:
        copies = {
            no: (transcode(path, Path(folder) / f"{no}.csv", feed.encoding), readable)
            for no, (path, readable) in files.items()
        }
        return _read_all(connection, feed, copies)


def _read_all(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> dict[int, Readable | Unreadable]:
    groups: dict[tuple[str, ...], dict[int, Path]] = defaultdict(dict)
    for file_no, (path, readable) in files.items():
        groups[readable.header][file_no] = path
    refused: dict[int, Readable | Unreadable] = {}
    for header, paths in groups.items():
        looks = {no: _look_through(path, feed) for no, path in paths.items()}
        together = {no: path for no, path in paths.items() if looks[no] is Look.PLAIN}
        alone = ({no: path} for no, path in paths.items() if looks[no] is Look.MAY_END_QUOTED)
        for group in (together, *alone):
            if group:
                refused |= _read_group(connection, feed, header, group)
        for no, path in paths.items():
            if looks[no] is Look.MIXED_ENDS:
                refused |= _read_tidied(connection, feed, header, no, path)
    return refused


class Look(Enum):
    """How a file has to be read, as its bytes tell.

    Attributes:
        PLAIN: Together with others.
        MAY_END_QUOTED: Alone: of many files DuckDB loses a record that ends in an open quote.
        MIXED_ENDS: Tidied: after a return without line feed DuckDB loses a space, where the first
            line ended in both.
    """

    PLAIN = auto()
    MAY_END_QUOTED = auto()
    MIXED_ENDS = auto()


def _look_through(path: Path, feed: Feed) -> Look:
    quotes = returns = pairs = 0
    last = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            quotes += chunk.count(feed.quote.encode(_bytes_as(feed)))
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last + chunk[:1] == b"\r\n")
            last = chunk[-1:]
    if 0 < pairs < returns:
        return Look.MIXED_ENDS
    if quotes % 2 == 1 or (quotes > 0 and last not in (b"\n", b"\r")):
        return Look.MAY_END_QUOTED
    return Look.PLAIN


def _read_group(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    header: Sequence[str],
    paths: Mapping[int, Path],
) -> dict[int, Unreadable]:
    """Reads files with the same header in one scan; those it cannot read are read tidied."""
    refused: dict[int, Unreadable] = {}
    if _scan(connection, feed, header, paths) is None:
        rejecting = _files_with_rejects(connection)
        untidy = [no for no in rejecting if _is_untidy(paths[no])]
        _deliver(connection, feed, header, rejecting, without=untidy)
        tidy = {no: path for no, path in paths.items() if no not in untidy}
        account_for_lines(connection, header, tidy)
    elif len(paths) > 1:
        for no, path in paths.items():
            refused |= _read_group(connection, feed, header, {no: path})
        return refused
    else:
        untidy = list(paths)
    for no in untidy:
        refused |= _read_tidied(connection, feed, header, no, paths[no])
    return refused


def _read_tidied(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    header: Sequence[str],
    file_no: int,
    path: Path,
) -> dict[int, Unreadable]:
    with TemporaryDirectory() as folder:
        fault = _scan(connection, feed, header, {file_no: _tidy(path, Path(folder), feed)})
        if fault is not None:
            return {file_no: Unreadable(f"the file is no CSV that can be read: {fault}")}
        _deliver(connection, feed, header, _files_with_rejects(connection))
        account_for_lines(connection, header, {file_no: path})
    return {}


def _scan(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    header: Sequence[str],
    paths: Mapping[int, Path],
) -> str | None:
    """Reads files into ``scanned`` and ``rejected_records``; returns why that failed, if so."""
    types = ", ".join(f"'h{index}': 'varchar'" for index, _ in enumerate(header))
    listed = ", ".join(file_literal(path) for path in paths.values())
    connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    try:
        connection.execute(
            f"""
            create or replace temp table scanned as
            select * from read_csv(
                [{listed}], columns = {{{types}}}, header = true, auto_detect = false,
                delim = {quote(feed.delimiter)}, quote = {quote(feed.quote)},
                escape = {quote(feed.quote)}, encoding = {quote(_bytes_as(feed))},
                filename = true, store_rejects = true
            )
            """
        )
    except duckdb.InvalidInputException as error:
        return str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
    numbered = [(no, str(path)) for no, path in paths.items()]
    make_table(connection, "scanned_files", {"file_no": "integer", "path": "varchar"}, numbered)
    row = connection.execute("select count(*) from reject_errors").fetchone()
    connection.execute(
        _REJECTED_RECORDS.format(columns=len(header), encoding=feed.encoding, cut=CUT_BYTES)
        if row and row[0]
        else _NO_REJECTED_RECORDS
    )
    return None


def _bytes_as(feed: Feed) -> str:
    """Returns the encoding in which DuckDB reads a feed's files, or their copies."""
    return "utf-8" if is_transcoded(feed) else feed.encoding


def _files_with_rejects(connection: duckdb.DuckDBPyConnection) -> list[int]:
    rows = connection.execute("select distinct file_no from rejected_records order by 1").fetchall()
    return [file_no for (file_no,) in rows]


def _deliver(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    header: Sequence[str],
    rejecting: Sequence[int],
    *,
    without: Sequence[int] = (),
) -> None:
    """Moves what was scanned into ``delivered`` and ``broken``, numbered.

    Args:
        connection: Holds ``scanned``, ``scanned_files`` and ``rejected_records``.
        feed: How the files are read.
        header: The header that they share.
        rejecting: Those of them with rejected records.
        without: Those to leave out.
    """
    if without:
        apart = ", ".join(map(str, without))
        for table in ("scanned_files", "rejected_records"):
            connection.execute(f"delete from {table} where file_no in ({apart})")
    connection.execute(_NUMBER_AROUND_REJECTED if {*rejecting} - {*without} else _NUMBER_RECORDS)
    connection.execute(
        f"insert into delivered select n.file_no, n.source_row{_projection(feed, header)} "
        "from scanned as s join numbered as n on s.rowid = n.position"
    )


def _is_untidy(path: Path) -> bool:
    """Whether a file has blank lines or more than one kind of line end."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        ends = [re.search(end, content) for end in (rb"\r\n", rb"(?<!\r)\n", rb"\r(?!\n)")]
        return len([1 for end in ends if end]) > 1 or bool(re.search(rb"\n\r?\n|\r\r", content))


def _tidy(path: Path, folder: Path, feed: Feed) -> Path:
    """Copies a file with one kind of line end and without blank lines, both outside quotes.

    DuckDB refuses most files of mixed line ends, and where it does not, it counts the lines of
    rejected records wrongly; so it does in a file with blank lines.
    """
    target = folder / "tidy.csv"
    is_quoted = False
    with (
        path.open(encoding="latin-1", newline="") as source,  # any bytes
        target.open("w", encoding="latin-1", newline="") as copy,
    ):
        for line in source:
            starts_quoted, is_quoted = is_quoted, _ends_quoted(line, feed, is_quoted=is_quoted)
            if starts_quoted or is_quoted or line.strip("\r\n"):
                copy.write(line if is_quoted else line.rstrip("\r\n") + "\n")
    return target


def _ends_quoted(line: str, feed: Feed, *, is_quoted: bool) -> bool:
    """Whether a quoted text is open at the end of a line; a quote inside bare text opens none."""
    opening = re.compile(f"(?:^|{re.escape(feed.delimiter)}){re.escape(feed.quote)}")
    at = 0
    while True:
        if is_quoted:
            at = line.find(feed.quote, at) + 1
            if not at:
                return True
            is_quoted = line.startswith(feed.quote, at)
            at += is_quoted
        else:
            found = opening.search(line, at)
            if not found:
                return False
            is_quoted, at = True, found.end()


_REJECTED_RECORDS = """
    create or replace temp table rejected_records as
    select f.file_no, e.line as source_row,
        any_value(trim(e.csv_line, chr(13) || chr(10))) as raw_text,
        array_to_string(list_sort(list(distinct case e.error_type
            when 'MISSING COLUMNS' then concat(e.fewest, ' of {columns} columns')
            when 'TOO MANY COLUMNS' then concat(e.most, ' columns, not {columns}')
            when 'UNQUOTED VALUE' then 'a quoted text is not closed, or more follows its end'
            when 'INVALID ENCODING' then 'a character is not in {encoding}'
            else e.error_message
        end)), '; ') as reason,
        bool_or(strlen(e.csv_line) >= {cut}) as is_cut
    from (
        select *, min(column_idx) over record as fewest, max(column_idx) over record as most
        from reject_errors window record as (partition by scan_id, file_id, line, error_type)
    ) as e
    join reject_scans as s on e.scan_id = s.scan_id and e.file_id = s.file_id
    join scanned_files as f on s.file_path = f.path
    group by f.file_no, e.line
"""

_NO_REJECTED_RECORDS = """
    create or replace temp table rejected_records
        (file_no integer, source_row bigint, raw_text varchar, reason varchar, is_cut boolean)
"""

_COUNTED = """
    select f.file_no, s.rowid as position, s.rowid - o.first_rowid + 1 as accepted
    from scanned as s
    join (select filename, min(rowid) as first_rowid from scanned group by filename) as o
        on s.filename = o.filename
    join scanned_files as f on s.filename = f.path
"""

_NUMBER_RECORDS = f"""
    create or replace temp table numbered as
    select file_no, position, accepted + 1 as source_row from ({_COUNTED})
"""

# Rows that the scan rejected have their record number; the others fill the numbers in between.
_NUMBER_AROUND_REJECTED = f"""
    insert into broken
    select file_no, source_row, raw_text, reason,
        greatest(1, length(regexp_replace(raw_text, '[^\n\r]+[\n\r]*', 'x', 'g')))
    from rejected_records;

    create or replace temp table numbered as
    with counted as ({_COUNTED}),
    free as (
        select file_no, record, row_number() over (partition by file_no order by record) as accepted
        from (
            select file_no, unnest(range(2, 2 + max(accepted) + rejected)) as record
            from (
                select c.file_no, max(c.accepted) as accepted,
                    (select count(*) from rejected_records as r where r.file_no = c.file_no)
                        as rejected
                from counted as c
                where c.file_no in (select file_no from rejected_records)
                group by c.file_no
            ) group by file_no, rejected
        )
        where (file_no, record) not in (select (file_no, source_row) from rejected_records)
    )
    select c.file_no, c.position, coalesce(f.record, c.accepted + 1) as source_row
    from counted as c
    left join free as f on c.file_no = f.file_no and c.accepted = f.accepted;
"""


def _projection(feed: Feed, header: Sequence[str]) -> str:
    position = {name: index for index, name in enumerate(header)}
    picked = "".join(
        f", s.h{position[column.header]}" if column.header in position else ", null"
        for column in feed.columns
    )
    extra = [name for name in header if name not in feed.known_headers]
    if not extra:
        return f"{picked}, null"
    fields = ", ".join(f"{quote(name)}, s.h{position[name]}" for name in extra)
    return f"{picked}, cast(json_object({fields}) as varchar)"


def _header(head: bytes, feed: Feed) -> tuple[str, ...]:
    text = head.decode(CODECS[feed.encoding], errors="replace")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=feed.delimiter, quotechar=feed.quote
    )
    return tuple(next(reader, ()))


def _likely_cause(header: Sequence[str], feed: Feed) -> str:
    """Returns what may be wrong with a file whose header lacks columns, where that shows."""
    others = [mark for mark in ",;\t|" if mark != feed.delimiter and mark in "".join(header)]
    if len(header) == 1 and others:
        return f"; the columns seem to be separated by {others[0]!r}, not {feed.delimiter!r}"
    if UNKNOWN in "".join(header):
        likely = "cp1252 (Windows)" if feed.encoding == "utf-8" else "utf-8"
        return f"; it is not in {feed.encoding}: set `encoding` in feed.yaml, perhaps to {likely}"
    if not {*header} & feed.known_headers and any(re.search(r"\d", name) for name in header):
        return "; none of its columns is there: does the file begin with a line of their names?"
    return ""
