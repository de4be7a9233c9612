"""A sample of a shop's files: its format, encoding and columns, found out from the file alone."""

import codecs
import csv
import json
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from ecom_assets.duck import file_literal, scratch_connection, scratch_folder
from ecom_assets.errors import ConfigurationError
from ecom_assets.feed_draft.words import column_names
from ecom_assets.feeds import Feed
from ecom_assets.home import Home
from ecom_assets.ingest.read import probe, read_files
from ecom_assets.ingest.read_xlsx import WorkbookError, first_header
from ecom_assets.ingest.readable import Unreadable, marked_encoding
from ecom_assets.ingest.transcode import transcode
from ecom_assets.ingest.unpack import unpack, unpacked_name

# Of a text file; what its later lines hold, the check of the feed finds.
HEAD_BYTES = 20_000_000
FIRST_RECORDS = 20
HEAD_CHARACTERS = 10_000  # an array may be one line of any length
LONGEST_MARK_BYTES = 4
MARKS = ";\t|"
FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
VALUE = re.compile(r"[+-]?[\d.,:/ T-]*\d[\d.,:/ TZ-]*")  # a number, day or time: no header is one


@dataclass(frozen=True)
class Sample:
    """What a sample is.

    Attributes:
        name: Its name, without the ending that says how it is packed.
        feed: A feed that reads it, all of its columns as text.
        rows: How many rows were looked at.
        is_cut: Whether the file has more.
    """

    name: str
    feed: Feed
    rows: int
    is_cut: bool


@dataclass(frozen=True)
class _Layout:
    """How a file has to be read: keys of feed.yaml, and the headers of its columns."""

    headers: list[str]
    keys: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def opened_sample(
    home: Home, name: str, path: Path
) -> Generator[tuple[Sample, duckdb.DuckDBPyConnection]]:
    """Reads a sample into ``delivered``, as a load does.

    Args:
        home: The home in whose scratch folder the work is done.
        name: The feed's name to be.
        path: The sample; it may be packed.

    Raises:
        ConfigurationError: The file is not there, or nothing can be made of it.
    """
    if not path.is_file():
        raise ConfigurationError(f"{path} is no file: name a sample of the shop's export")
    plain_name = unpacked_name(path.name)
    form = FORMATS.get(Path(plain_name).suffix.lower())
    if form is None:
        raise ConfigurationError(
            f"{path.name}: feeds are drafted from files named {', '.join(FORMATS)} (also packed)"
        )
    with scratch_connection(home, threads=1) as connection, scratch_folder(home) as folder:
        content = unpack(path, folder)
        if isinstance(content, Unreadable):
            raise ConfigurationError(f"{path.name}: {content.reason}")
        whole = content
        if form in ("csv", "jsonl"):
            _refuse_text(path.name, content, form)
            content = _head(content, folder)
        layout = _LAYOUTS[form](connection, content, folder)
        if not any(layout.headers):
            raise ConfigurationError(f"{path.name} names no columns: choose a file that has rows")
        twice = sorted({h for h in layout.headers if layout.headers.count(h) > 1})
        if twice:
            told = ", ".join(header or "a column without a name" for header in twice)
            raise ConfigurationError(f"{path.name}: the header has {told} more than once")
        feed = _text_feed(name, plain_name, form, layout)
        found = probe(content, feed)
        if not isinstance(found, Unreadable):
            found = read_files(connection, feed, {0: (content, found)}).get(0, found)
        if isinstance(found, Unreadable):
            raise ConfigurationError(f"{path.name}: {found.reason}")
        row = connection.execute("select count(*) from delivered").fetchone()
        rows = int(row[0]) if row else 0
        if not rows:
            raise ConfigurationError(f"{path.name} has no rows to tell what its columns hold")
        yield Sample(plain_name, feed, rows, content != whole), connection


def _text_feed(name: str, file_name: str, form: str, layout: _Layout) -> Feed:
    headers = [header for header in layout.headers if header]
    return Feed.model_validate(
        {
            "feed": name,
            "description": f"Files like {file_name}.",
            "owner": "team:data-platform",
            "format": form,
            "pattern": ".*",
            "example": file_name,
            "delivered_on": {"from": "landed"},
            **layout.keys,
            "unused": [""] if "" in layout.headers else [],
            "columns": [
                {"name": column, "header": header}
                for column, header in zip(column_names(headers), headers, strict=True)
            ],
        }
    )


def _head(path: Path, folder: Path) -> Path:
    """Returns a file itself, or a copy of the whole lines at its beginning."""
    if path.stat().st_size <= HEAD_BYTES:
        return path
    target = folder / f"head-{path.name}"
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    end = b"\n\0" if head.startswith(codecs.BOM_UTF16_LE) else b"\n"
    target.write_bytes(head[: head.rfind(end) + len(end)])
    return target


def _refuse_text(name: str, content: Path, form: str) -> None:
    """Refuses a text whose beginning tells that no feed of its format reads it."""
    with content.open("rb") as file:
        found = marked_encoding(file.read(LONGEST_MARK_BYTES))
    if found and (form, found) != ("csv", "UTF-16"):
        raise ConfigurationError(f"{name}: the file is in {found}: save it as utf-8")
    if form == "jsonl":
        _refuse_json_of_many_lines(name, content)


def _refuse_json_of_many_lines(name: str, content: Path) -> None:
    """Refuses a file that is one array, or one object over several lines."""
    with content.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.read(HEAD_CHARACTERS).lstrip()
    if first.startswith("[") or first.partition("\n")[0].strip() == "{":
        raise ConfigurationError(
            f"{name} is one JSON array or object: JSON lines are read, one object per line "
            "(.jsonl). Export it so, or turn an array into lines: jq -c '.[]'"
        )


def likely_encoding(path: Path) -> str:
    """Returns the encoding that a text file is most likely in."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"  # Latin-1 too, but for control characters, and it has the euro
    return "utf-8"


def _csv(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> _Layout:
    encoding = likely_encoding(path)
    plain = transcode(path, folder / "sample.csv", encoding)
    try:
        row = connection.execute(
            "select Delimiter, Quote, SkipRows from sniff_csv("
            f"{file_literal(plain)}, all_varchar = true, ignore_errors = true)"
        ).fetchone()
    except duckdb.Error as error:
        told = str(error).splitlines()[0].replace(str(plain), path.name)
        raise ConfigurationError(f"{path.name} is no CSV that can be made out: {told}") from error
    told_delimiter, told_quote, skipped = row or (",", '"', 0)
    delimiter = told_delimiter if len(told_delimiter) == 1 else ","  # it says "(empty)" for none
    quote = told_quote if len(told_quote) == 1 else '"'
    first, *more = _first_records(plain, delimiter, quote) or [[]]
    if skipped or _is_preamble(first, more):
        raise ConfigurationError(
            f"{path.name} has lines before its table: the first line must name the columns. "
            "Export it without them."
        )
    headers = first
    if values := [header for header in headers if VALUE.fullmatch(header.strip())]:
        raise ConfigurationError(
            f"{path.name} has no header line: its first line holds values, such as {values[0]}. "
            "Export it with the names of the columns, or write them into a first line."
        )
    keys = {"encoding": encoding, "delimiter": delimiter, "quote": quote}
    return _Layout(headers, {key: str(value) for key, value in keys.items()})


def _first_records(path: Path, delimiter: str, quote: str) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return list(islice(csv.reader(file, delimiter=delimiter, quotechar=quote), FIRST_RECORDS))


def _is_preamble(first: Sequence[str], more: Sequence[Sequence[str]]) -> bool:
    """Whether a first line of one text stands before lines of several."""
    wide = [
        record for record in more if len(record) > 1 or any(m in "".join(record) for m in MARKS)
    ]
    return len(first) == 1 and not any(m in first[0] for m in MARKS) and len(wide) * 2 > len(more)


def _jsonl(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> _Layout:
    del connection, folder
    headers: dict[str, None] = {}
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for line in file:
            try:
                headers |= dict.fromkeys(_members(json.loads(line)))
            except ValueError:  # no JSON: the reader says so of each line
                continue
    return _Layout(list(headers))


def _members(value: Any, path: str = "") -> list[str]:
    """Returns the paths of the members of an object, and of the objects in it."""
    if not isinstance(value, dict) or not value:
        return [path] if path else []
    return [
        inside
        for name, member in value.items()
        for inside in _members(member, f"{path}.{name}" if path else str(name))
    ]


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> _Layout:
    del folder
    try:
        rows = connection.execute(f"describe from read_parquet({file_literal(path)})").fetchall()
    except duckdb.Error as error:
        raise ConfigurationError(f"{path.name} is no Parquet file that can be read") from error
    return _Layout([str(row[0]) for row in rows])


def _xlsx(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> _Layout:
    del connection, folder
    try:
        sheet, headers = first_header(path)
    except WorkbookError as error:
        raise ConfigurationError(f"{path.name} is no workbook that can be read: {error}") from error
    return _Layout(headers, {"sheet": sheet})


_LAYOUTS = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet, "xlsx": _xlsx}
