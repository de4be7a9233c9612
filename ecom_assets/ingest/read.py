"""Reading delivered CSV files into text columns, with the record number of every row.

Works inside a scratch DuckDB connection and leaves two tables there:

* ``delivered(file_no, source_row, d0 .. dn, overflow)``: the declared columns as delivered text;
* ``broken(file_no, source_row, raw_text, reason)``: records that are no rows at all.

``source_row`` counts records as a spreadsheet shows them: the header is 1.
"""

import codecs
import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ecom_assets.duck import identifier, quote
from ecom_assets.feeds import Feed

HEADER_BYTES = 65_536

CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "latin-1": "latin-1"}

BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


@dataclass(frozen=True)
class Readable:
    """A file whose header names all required columns."""

    header: tuple[str, ...]
    extra_columns: tuple[str, ...]


@dataclass(frozen=True)
class Unreadable:
    """A file that cannot be read at all, and what to do about it."""

    reason: str


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks at the beginning of a file: can it be read as the feed says?"""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    fault = _encoding_fault(head, feed)
    if fault:
        return Unreadable(fault)
    header = _header(head, feed)
    if not header:
        return Unreadable("the file has no header line: deliver it again")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        return Unreadable(f"the header names {', '.join(twice)} twice")
    missing = [c.header for c in feed.columns if c.required and c.header not in header]
    if missing:
        return Unreadable(_missing(missing, header, feed))
    declared = {column.header for column in feed.columns}
    return Readable(header, tuple(name for name in header if name not in declared))


def read_files(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Mapping[int, tuple[Path, Readable]]
) -> None:
    """Reads files, by their number, into ``delivered`` and ``broken``."""
    columns = "".join(f", d{index} varchar" for index, _ in enumerate(feed.columns))
    connection.execute(
        f"""
        create or replace temp table delivered
            (file_no integer, source_row bigint{columns}, overflow varchar);
        create or replace temp table broken
            (file_no integer, source_row bigint, raw_text varchar, reason varchar);
        """
    )
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for file_no, (_, readable) in files.items():
        groups[readable.header].append(file_no)
    for header, numbers in groups.items():
        _read_group(connection, feed, header, {no: files[no][0] for no in numbers})


def _read_group(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    header: Sequence[str],
    paths: Mapping[int, Path],
) -> None:
    """Reads files with the same header in one scan."""
    types = ", ".join(f"'h{index}': 'varchar'" for index, _ in enumerate(header))
    listed = ", ".join(quote(str(path)) for path in paths.values())
    connection.execute(
        f"""
        create or replace temp table scanned as
        select * from read_csv(
            [{listed}], columns = {{{types}}}, header = true, auto_detect = false,
            delim = {quote(feed.delimiter)}, quote = {quote(feed.quote)},
            escape = {quote(feed.quote)}, encoding = {quote(feed.encoding)},
            filename = true, store_rejects = true
        );
        create or replace temp table scanned_files (file_no integer, path varchar);
        """
    )
    connection.executemany(
        "insert into scanned_files values (?, ?)", [(no, str(path)) for no, path in paths.items()]
    )
    connection.execute(_NUMBER_RECORDS)
    connection.execute(
        f"""
        insert into delivered
        select n.file_no, n.source_row{_projection(feed, header)}
        from scanned as s join numbered as n on s.rowid = n.position;
        drop table reject_errors;
        drop table reject_scans;
        """
    )


# Rows that the scan rejected have their record number; the others fill the numbers in between.
_NUMBER_RECORDS = """
    create or replace temp table rejected_records as
    select f.file_no, e.line as source_row, any_value(e.csv_line) as raw_text,
        string_agg(distinct e.error_message, '; ' order by e.error_message) as reason
    from reject_errors as e
    join reject_scans as s on e.scan_id = s.scan_id and e.file_id = s.file_id
    join scanned_files as f on s.file_path = f.path
    group by f.file_no, e.line;

    insert into broken select * from rejected_records;

    create or replace temp table numbered as
    with counted as (
        select f.file_no, s.rowid as position,
            s.rowid - min(s.rowid) over (partition by f.file_no) + 1 as accepted
        from scanned as s join scanned_files as f on s.filename = f.path
    ),
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
    declared = {column.header for column in feed.columns}
    picked = "".join(
        f", s.h{position[column.header]}" if column.header in position else ", null"
        for column in feed.columns
    )
    extra = [name for name in header if name not in declared]
    if not extra:
        return f"{picked}, null"
    fields = ", ".join(f"{identifier(name)} := s.h{position[name]}" for name in extra)
    return f"{picked}, cast(to_json(struct_pack({fields})) as varchar)"


def _encoding_fault(head: bytes, feed: Feed) -> str | None:
    if not head:
        return "the file is empty (0 bytes): deliver it again"
    found = next((name for bom, name in BOMS.items() if head.startswith(bom)), None)
    if found is None and b"\0" in head and feed.encoding != "utf-16":
        found = "a binary format or UTF-16"
    if found and found.lower() != feed.encoding:
        return (
            f"the file is in {found}, feed '{feed.feed}' reads {feed.encoding}: save it as "
            f"{feed.encoding}, or change `encoding` in feed.yaml"
        )
    return None


def _header(head: bytes, feed: Feed) -> tuple[str, ...]:
    text = head.decode(CODECS[feed.encoding], errors="replace")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=feed.delimiter, quotechar=feed.quote
    )
    return tuple(next(reader, ()))


def _missing(missing: Sequence[str], header: Sequence[str], feed: Feed) -> str:
    reason = f"the header lacks {', '.join(missing)} (it has: {', '.join(header)[:200]})"
    others = [mark for mark in ",;\t|" if mark != feed.delimiter and mark in "".join(header)]
    if len(header) == 1 and others:
        reason += f"; the columns seem to be separated by {others[0]!r}, not {feed.delimiter!r}"
    return reason
