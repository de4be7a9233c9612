"""Reading JSON lines: one object a line, its members as the feed's columns.

``source_row`` is the number of the line, from 1; blank lines count, but are no records. A column's
header is the name of a member, or a path of names with dots where objects lie in objects. A text
is delivered as it is, any other value as JSON.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from ecom_assets.duck import insert_rows, list_literal, quote
from ecom_assets.feeds import Feed
from ecom_assets.ingest.readable import HEADER_BYTES, Readable, Unreadable, encoding_fault
from ecom_assets.ingest.scan_lines import BOM, scan_lines

DOUBLE_DIGITS = 15
# What may be a number of more digits that DuckDB makes a double of; integers it leaves whole.
_LONG_DECIMAL = r"\d{8,}\.\d|\d\.\d{8,}|\d{16,}[eE]"
_TOKEN = re.compile(  # a text, or such a number
    r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)'
)

_IS_OBJECT = "coalesce(try(json_type(line)) = 'OBJECT', false)"

_LOOK_THROUGH = f"""
    select count(*) filter (not {_IS_OBJECT}),
        count(*) filter (regexp_matches(line, '{_LONG_DECIMAL}'))
    from numbered
"""

_SET_OTHERS_APART = f"""
    insert into broken
    select file_no, source_row, line, 'the line is no JSON object', 1
    from numbered where not {_IS_OBJECT};

    delete from numbered where not {_IS_OBJECT};
"""


def probe(path: Path, feed: Feed) -> Readable | Unreadable:
    """Looks at the beginning of a file: does its first line hold a JSON object?"""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    fault = encoding_fault(head, feed)
    if fault:
        return Unreadable(fault)
    text = head.decode("utf-8", errors="replace").removeprefix(BOM).lstrip()
    if not text.startswith("{"):
        shown = "".join(text.splitlines()[:1]).strip()[:40] or "nothing"
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
    scan_lines(connection, {no: path for no, (path, _) in files.items()})
    others, with_long_decimals = connection.execute(_LOOK_THROUGH).fetchall()[0]
    if others:
        connection.execute(_SET_OTHERS_APART)
    if with_long_decimals:
        _keep_digits(connection)
    paths_of_columns = ", ".join(quote(_path(column.header)) for column in feed.columns)
    values = ", ".join(f"found[{index + 1}]" for index, _ in enumerate(feed.columns))
    known = json.dumps({header.split(".")[0]: None for header in sorted(feed.known_headers)})
    # most lines have just the feed's members: it is cheaper to see that than to take them off
    members = list_literal(dict.fromkeys(column.header.split(".")[0] for column in feed.columns))
    connection.execute(
        f"""
        insert into delivered
        select file_no, source_row, {values}, nullif(overflow, '{{}}')
        from (
            select file_no, source_row, json_extract_string(line, [{paths_of_columns}]) as found,
                case when json_keys(line) <> {members}
                    then cast(json_merge_patch(line, {quote(known)}) as varchar) end as overflow
            from numbered
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


def _keep_digits(connection: duckdb.DuckDBPyConnection) -> None:
    """Puts numbers of more digits than a double holds into quotes, where DuckDB leaves them whole.

    Other lines than those that may have one never leave DuckDB.
    """
    lines = connection.execute(
        f"select rowid, line from numbered where regexp_matches(line, '{_LONG_DECIMAL}')"
    ).fetchall()
    quoted = [(position, _TOKEN.sub(_quote_long, line)) for position, line in lines]
    if quoted:
        connection.execute("create or replace temp table requoted (position bigint, line varchar)")
        insert_rows(connection, "requoted", quoted)
        connection.execute(
            "update numbered set line = r.line from requoted as r where numbered.rowid = r.position"
        )


def _quote_long(token: re.Match[str]) -> str:
    text = token[0]
    digits = re.sub(r"[eE].*|\D", "", text)
    return f'"{text}"' if text[0] != '"' and len(digits) > DOUBLE_DIGITS else text


def _path(header: str) -> str:
    return "$" + "".join(f'."{name}"' for name in header.split("."))
