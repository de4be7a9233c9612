"""Published versions: complete copies of gold that readers open, switched atomically.

``published/<version>/`` holds ``warehouse.duckdb``, ``parquet/<table>/[<month>.]parquet`` and
``version.json``; the symbolic link ``published/current`` names the one that readers see.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from ecom_assets.crash import crash_point
from ecom_assets.duck import quote, scratch_connection, side_by_side
from ecom_assets.errors import QueryError
from ecom_assets.home import Home
from ecom_assets.publish.parquet import (
    Table,
    checksum,
    copy_months,
    copy_whole,
    month_digests,
)
from ecom_assets.replace_file import put_on_disk


class Version(BaseModel):
    """What version.json says.

    Attributes:
        version: Its folder's name.
        generation: The inputs it was built from.
        published_at: UTC.
        run_id: The run that published it.
        rows: Rows by table.
        checksums: CRC-32 of each Parquet file by its path below ``parquet/``, as it was compared
            with the warehouse.
        digests: Of tables whose rows of before may end anew, what tells a month's rows from
            others, by the path of its file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    generation: str
    published_at: datetime
    run_id: str
    rows: dict[str, int]
    checksums: dict[str, int] = {}
    digests: dict[str, str] = {}


@dataclass(frozen=True)
class Unpublished:
    """What has changed since a publication.

    Attributes:
        since: The version published then; None if there was none, or nobody knows.
        changed_from: The first day that has changed since; None if none has.
        orders_from: The day of the first order of which it has changed what became of it.
    """

    since: str | None
    changed_from: date | None = None
    orders_from: date | None = None


@dataclass(frozen=True)
class Unchanged:
    """The months that a draft need not write: those of a version whose rows are what they were.

    Attributes:
        version: That version's folder.
        known: What has changed since.
        checksums: What its files were when they were compared with the warehouse.
        digests: What its rows were then, of tables whose rows may end anew.
    """

    version: Path
    known: Unpublished
    checksums: Mapping[str, int]
    digests: Mapping[str, str]

    def file_of(self, table: Table, first: date, digest: str | None = None) -> Path | None:
        """Returns the file of a table's month, if neither its rows nor it have changed.

        Args:
            table: The table.
            first: The first day of the month.
            digest: What its rows are now, of a table whose rows may end anew.
        """
        name = table.file_name(first)
        if table.has_spans:
            may_differ = digest is None or self.digests.get(name) != digest
        else:
            may_differ = self._may_differ(table, first)
        if may_differ:
            return None
        file = self.version / "parquet" / name
        intact = file.is_file() and self.checksums.get(name) == checksum(file)
        return file if intact else None

    def _may_differ(self, table: Table, first: date) -> bool:
        told = [self.known.changed_from]
        if table.is_by_order_day:
            told.append(self.known.orders_from)
        reach = timedelta(days=table.look_ahead_days)
        return any(day and first >= (day - reach).replace(day=1) for day in told)

    def shares(self, file: Path) -> bool:
        """Returns whether a draft's file is linked from the version."""
        other = self.version / "parquet" / file.parent.name / file.name
        return other.is_file() and file.samefile(other)


def version_in_place(home: Home) -> Version | None:
    """Returns the version that readers see; None if nothing is published, it is gone or damaged."""
    return _version_in(home.current_version)


def _version_in(folder: Path) -> Version | None:
    """Returns what a version's folder says of it: written last, it may lack it, or be damaged."""
    said = folder / "version.json"
    try:
        return Version.model_validate_json(said.read_bytes()) if said.is_file() else None
    except ValidationError:
        return None


def current_version(home: Home) -> Version | None:
    """Returns the version that readers see, or None before the first publication.

    Raises:
        QueryError: The link leads nowhere.
    """
    link = home.current_version
    if link.is_symlink() and not link.exists():
        raise QueryError(
            f"{link} points at {link.readlink()}, which is not there; versions: "
            f"{', '.join(_held(home)) or 'none'}"
        )
    return version_in_place(home)


def _held(home: Home) -> list[str]:
    """Returns the names of the versions that lie in a home."""
    link = home.current_version
    return sorted(path.name for path in home.published.glob("[!.]*") if path != link)


def current_folder(home: Home) -> Path:
    """Returns the folder of the version that readers see, with the link resolved.

    Raises:
        QueryError: Nothing has been published yet, or what was is damaged or its link gone.
    """
    if current_version(home) is None:
        if home.current_version.exists():
            raise QueryError(
                f"{home.current_version / 'version.json'} is damaged: `ecom run` publishes anew"
            )
        if held := _held(home):
            raise QueryError(
                f"{home.current_version}, the link to the version that is read, is not there; "
                f"versions: {', '.join(held)}. `ecom run` publishes and sets it anew."
            )
        raise QueryError(
            f"Nothing is published in {home.root} yet: put files into "
            f"{home.inbox}/<store>/<feed>/ and run `ecom run`."
        )
    return home.current_version.resolve()


def unchanged_since(home: Home, known: Unpublished) -> Unchanged | None:
    """Returns what a draft may link from the version that was published last.

    Args:
        home: The home.
        known: What has changed since that version, and no other.

    Returns:
        None if it is gone or damaged, and every month is to be written.
    """
    if known.since is None:
        return None
    folder = home.published / known.since
    version = _version_in(folder)
    return version and Unchanged(folder, known, version.checksums, version.digests)


@dataclass(frozen=True)
class Draft:
    """A version that no reader looks at.

    Attributes:
        folder: Its folder.
        digests: What tells a month's rows from others, as :class:`Version` keeps them.
        on_disk: Ends when the database file, by far the largest, is on disk.
    """

    folder: Path
    digests: dict[str, str]
    on_disk: Future[None]


def draft_version(
    home: Home, name: str, tables: Sequence[Table], unchanged: Unchanged | None
) -> Draft:
    """Copies gold into a folder that no reader looks at.

    Args:
        home: The home; its warehouse must be closed.
        name: The version's name.
        tables: The gold tables.
        unchanged: Months whose Parquet files are linked instead of written; None for no month.

    Returns:
        The draft, whose database file may still be on its way to the disk.
    """
    draft = home.published / f".{os.getpid()}-{name}"  # where a sweep finds it
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    with scratch_connection(home) as connection:
        connection.execute(f"attach {quote(str(home.warehouse))} as warehouse")
        connection.execute("checkpoint warehouse")
    crash_point("warehouse_checkpointed")

    def export(gold: duckdb.DuckDBPyConnection, table: Table) -> dict[str, str]:
        digests = month_digests(gold, table) if table.has_spans else {}
        _export(gold, table, draft / "parquet", unchanged, digests)
        return {table.file_name(first): digest for first, digest in digests.items()}

    copy = draft / "warehouse.duckdb"
    # however the export ends: whoever holds the lock must not let it go while the warehouse is read
    with ThreadPoolExecutor(1) as beside, scratch_connection(home) as connection:
        copied = beside.submit(_copy, home.warehouse, copy)
        connection.execute(f"attach {quote(str(home.warehouse))} as gold (read_only)")
        exported = side_by_side(connection, tables, export)
    copied.result()
    # not before: while ext4 puts a file on disk, it lets nobody link others
    disk = ThreadPoolExecutor(1)  # takes as long as to compare, and hardly a processor
    on_disk = disk.submit(put_on_disk, [copy])
    disk.shutdown(wait=False)
    digests = {name: digest for of_table in exported for name, digest in of_table.items()}
    return Draft(draft, digests, on_disk)


def _copy(warehouse: Path, copy: Path) -> None:
    shutil.copyfile(warehouse, copy)
    crash_point("warehouse_copied")


def remove_drafts(home: Home) -> None:
    """Removes what this process has drafted and not switched to: it may be what fills the disk."""
    for draft in home.published.glob(f".{os.getpid()}-*"):
        shutil.rmtree(draft, ignore_errors=True)


def switch_to(home: Home, draft: Draft, version: Version) -> None:
    """Makes a draft the version that readers see, in one atomic step, after it is on disk.

    Raises:
        OSError: It cannot be put there; readers keep what they have.
    """
    (draft.folder / "version.json").write_text(version.model_dump_json(indent=1), "utf-8")
    draft.on_disk.result()
    put_on_disk(draft.folder.rglob("*"))
    target = home.published / version.version
    shutil.rmtree(target, ignore_errors=True)
    draft.folder.replace(target)
    put_on_disk([target])
    crash_point("version_named")
    point_to(home, version.version)


def point_to(home: Home, version: str) -> None:
    """Lets readers see a version that exists."""
    link = home.published / f".current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(version)
    link.replace(home.current_version)
    put_on_disk([home.published])


def remove_old_versions(home: Home, keep: int, keep_bytes: int) -> list[str]:
    """Removes versions beyond the newest `keep`, or beyond `keep_bytes`; never the current one.

    Returns:
        The names of the removed versions.
    """
    current = home.current_version.resolve()
    folders = sorted(
        (p for p in home.published.iterdir() if p.is_dir() and not p.is_symlink()),
        key=lambda path: path.name,
        reverse=True,
    )
    removed: list[str] = []
    seen: set[int] = set()
    size = kept = 0
    for folder in folders:
        size += _new_bytes(folder, seen)
        is_draft = folder.name.startswith(".")
        if folder != current and (is_draft or kept >= keep or size > keep_bytes):
            shutil.rmtree(folder)
            removed.append(folder.name)
        elif not is_draft:
            kept += 1
    return removed


def checksums(draft: Path, unchanged: Unchanged | None = None) -> dict[str, int]:
    """Returns the checksum of each Parquet file of a version by its path below ``parquet/``.

    Args:
        draft: Its folder.
        unchanged: What it was linked from: those files have just been found intact.
    """
    folder = draft / "parquet"
    found: dict[str, int] = {}
    for file in sorted(folder.glob("*/*.parquet")):
        name = file.relative_to(folder).as_posix()
        if unchanged and unchanged.shares(file):
            found[name] = unchanged.checksums[name]
        else:
            found[name] = checksum(file)
    return found


def row_counts(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    """Returns the rows of each table of an attached database, by table name."""
    names = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'main' "
        "order by 1",
        [database],
    ).fetchall()
    return {
        str(name): _scalar(connection, f'select count(*) from {database}.main."{name}"')
        for (name,) in names
    }


def _export(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    target: Path,
    unchanged: Unchanged | None,
    digests: Mapping[date, str],
) -> None:
    folder = target / table.name
    folder.mkdir(parents=True)
    if table.month_column is None:
        copy_whole(connection, table, folder)
        return
    months = connection.execute(table.month_counts(f"gold.main.{table.name}")).fetchall()
    written: list[date] = []
    for first, _ in months:
        if old := unchanged and unchanged.file_of(table, first, digests.get(first)):
            os.link(old, folder / old.name)
        else:
            written.append(first)
    if written:
        copy_months(connection, table, written, folder)


def _new_bytes(folder: Path, seen: set[int]) -> int:
    """Returns the bytes of a folder's files that no newer version shares by a link."""
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    new = [stat for stat in stats if stat.st_ino not in seen]
    seen.update(stat.st_ino for stat in new)
    return sum(stat.st_size for stat in new)


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
