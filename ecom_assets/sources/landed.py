"""What has been pulled so far: the state of a pull is nothing but the files it has delivered.

Each carries a manifest in its Parquet metadata. Files that have landed are read where they were
kept; those that still wait in the inbox count too, so that a second pull does not deliver them
again. No state file could be lost, or say something else than the data.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import dropwhile
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import BaseModel, ConfigDict

from ecom_assets.duck import file_literal
from ecom_assets.errors import SourceError
from ecom_assets.feeds import Pull
from ecom_assets.feeds.pull import FILE_NAME
from ecom_assets.home import Home
from ecom_assets.ingest.journal import newest, read_journal
from ecom_assets.sources.window import WHOLE, Watermark, Window, window

MANIFEST_KEY = "ecom_pull"
PULLED_NAME = re.compile(r"\d{8}T\d{12}Z\.parquet")


class Stream(BaseModel):
    """Which part of a server's changes a file holds; positions are half-open.

    Attributes:
        system: The server, by the number it has given itself.
        relation: The table, by its number there; made again it has another one.
        slot: The replication slot.
        start: Where the log had been read to before; None for a snapshot of the table.
        end: Where it has been read to now.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    system: str
    relation: int
    slot: str
    start: str | None = None
    end: str


class PullManifest(BaseModel):
    """What a pulled file says of itself.

    Attributes:
        source: What kind of database it came from, or ``rest``.
        database: Which one (see ``Address.fingerprint``), None where it is none or not known.
        table: The table, or the path of the endpoint.
        watermark: The column by which it was read, None for all of it.
        watermark_is: What that column holds.
        window_from: Where the window began, None for all rows.
        window_to: The newest watermark read.
        unmarked: Rows without a watermark.
        rows: Rows in the file.
        deleted: Rows of these that are gone from the table.
        columns: The source's columns with their declared types, or kinds of JSON values.
        pulled_at: When it was read, UTC.
        stream: Where its changes come from, None for a table that was compared.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    source: str
    database: str | None = None
    table: str
    watermark: str | None = None
    watermark_is: Literal["time", "number"] | None = None
    window_from: str | None = None
    window_to: str | None = None
    unmarked: int = 0
    rows: int
    deleted: int = 0
    columns: dict[str, str]
    pulled_at: datetime
    stream: Stream | None = None

    @property
    def newest(self) -> Watermark | None:
        """The newest watermark as a value: a time in UTC without zone, or a number."""
        if self.window_to is None:
            return None
        is_time = self.watermark_is == "time"
        return datetime.fromisoformat(self.window_to) if is_time else Decimal(self.window_to)


@dataclass(frozen=True)
class LandedFile:
    """A pulled file and its manifest."""

    path: Path
    manifest: PullManifest


@dataclass(frozen=True)
class Landed:
    """All files pulled for a store's feed, in the order of the pulls."""

    files: tuple[LandedFile, ...] = ()

    @property
    def last_pull(self) -> datetime | None:
        """When the newest of them was pulled, UTC."""
        return self.files[-1].manifest.pulled_at if self.files else None

    def are_of_another(self, database: str) -> bool:
        """Whether the newest file came from another database, as far as it tells."""
        last = self.files[-1].manifest.database if self.files else None
        return last not in (None, database)

    @property
    def columns(self) -> dict[str, str]:
        """All columns that any of them has."""
        return {name: kind for f in self.files for name, kind in f.manifest.columns.items()}

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where they lie."""
        return tuple(file.path for file in self.files)

    def newest(self, pull: Pull) -> Watermark | None:
        """Returns the newest watermark, None where none was pulled by this column.

        Raises:
            SourceError: The column held times in some files and numbers in others.
        """
        found = self._by(pull)
        kinds = {file.manifest.watermark_is for file in found}
        if len(kinds) > 1:
            raise SourceError(f"watermark '{pull.watermark}' has been a time and a number")
        return max((f.manifest.newest for f in found), default=None)  # type: ignore[type-var]

    def since(self, start: Watermark | None) -> "Landed":
        """Returns the files from the first that may hold rows of a window; without start all.

        None after that one is left out: it may hold a later version of the same key.
        """
        if start is None:
            return self

        def is_before(file: LandedFile) -> bool:
            newest = file.manifest.newest
            return (
                not file.manifest.unmarked and isinstance(newest, type(start)) and newest < start  # type: ignore[operator]
            )

        return Landed(tuple(dropwhile(is_before, self.files)))

    def _by(self, pull: Pull) -> list[LandedFile]:
        return [
            file
            for file in self.files
            if file.manifest.watermark == pull.watermark and file.manifest.newest is not None
        ]


def read_landed(connection: duckdb.DuckDBPyConnection, home: Home, store: str, feed: str) -> Landed:
    """Returns what has been pulled for a feed; files that were delivered by hand do not count.

    Raises:
        SourceError: A file is missing where it was kept, or damaged.
    """
    paths = _pulled_files(home, store, feed)
    manifests = read_manifests(connection, paths)
    return Landed(tuple(LandedFile(path, manifests[path]) for path in paths if path in manifests))


def read_manifests(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]
) -> dict[Path, PullManifest]:
    """Returns what pulled files say of themselves; other files say nothing.

    Raises:
        SourceError: A file is missing, or damaged.
    """
    if not paths:
        return {}
    try:
        found = connection.execute(
            "select file_name, decode(value) from "
            f"parquet_kv_metadata([{', '.join(map(file_literal, paths))}]) where decode(key) = ?",
            [MANIFEST_KEY],
        ).fetchall()
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise SourceError(
            f"what has been pulled before cannot be read ({str(error).splitlines()[0]}): restore "
            "the file from a backup of the home"
        ) from error
    return {Path(name): PullManifest.model_validate(json.loads(text)) for name, text in found}


def next_window(landed: Landed, pull: Pull) -> Window:
    """Returns the window of the next pull: everything where there is no watermark.

    Raises:
        SourceError: The watermarks that have landed do not fit what feed.yaml says.
    """
    last = landed.last_pull
    at = last and last.astimezone(UTC).replace(tzinfo=None)
    return window(pull, landed.newest(pull), at) if pull.watermark else WHOLE


def next_moment(landed: Landed, now: datetime) -> datetime:
    """Returns the moment of a pull: the present, or just after the last one if clocks went back."""
    last = landed.last_pull
    return now if last is None or now > last else last + datetime.resolution


def file_name(moment: datetime) -> str:
    """Returns the name of the file of a pull."""
    return f"{moment.astimezone(UTC):{FILE_NAME}}"


def _pulled_files(home: Home, store: str, feed: str) -> Sequence[Path]:
    held = newest(d for d in read_journal(home.journal) if (d.store, d.feed) == (store, feed))
    files = {entry.name: home.landing / entry.path for entry in held.values()}
    waiting: Iterable[Path] = home.feed_inbox(store, feed).glob("*.parquet")
    files = {path.name: path for path in waiting} | files
    return [files[name] for name in sorted(files) if PULLED_NAME.fullmatch(name)]
