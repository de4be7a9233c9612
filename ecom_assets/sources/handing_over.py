"""Handing over what was pulled: one file in the inbox, whole and on disk or not at all."""

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import duckdb

from ecom_assets.duck import quote
from ecom_assets.errors import LandingError
from ecom_assets.feeds.pull import PULLED_AT
from ecom_assets.replace_file import put_on_disk
from ecom_assets.sources.landed import MANIFEST_KEY, PullManifest, file_name
from ecom_assets.wording import counted

DRAFT = ".part"  # ends the name of a file that is not handed over, and so is no delivery


@dataclass(frozen=True)
class Delivered:
    """A file that a pull put into the inbox.

    Attributes:
        path: Where it lies.
        rows: Rows in it.
        deleted: Rows of these that are gone from the table.
        is_of_another: Whether it came from another database than the files before it.
    """

    path: Path
    rows: int
    deleted: int
    is_of_another: bool = False

    def __str__(self) -> str:
        """Returns it in words."""
        gone = f", {self.deleted:,} of them gone" if self.deleted else ""
        other = " from another database than last time, whose whole table was read"
        return f"pulled {self.rows:,} rows{gone}{other if self.is_of_another else ''}"


@dataclass(frozen=True)
class DeliveredFiles:
    """What a pull put into the inbox.

    Attributes:
        files: The files.
        others: How many objects below the prefix are no files of the feed.
    """

    files: tuple[Path, ...]
    others: int

    def __str__(self) -> str:
        """Returns it in words."""
        ignored = f" ({counted(self.others, 'other object')} there)" if self.others else ""
        return f"pulled {counted(len(self.files), 'file')}{ignored}"


def write_draft(
    connection: duckdb.DuckDBPyConnection, rows: str, inbox: Path, manifest: PullManifest
) -> Path:
    """Writes rows under a name that is no delivery's; drafts of pulls that were killed go.

    Args:
        connection: Where the rows are.
        rows: They, as SQL.
        inbox: The feed's folder.
        manifest: What the file says of itself.

    Raises:
        LandingError: It cannot be written.
    """
    inbox.mkdir(parents=True, exist_ok=True)
    for left in inbox.glob(f"*.parquet{DRAFT}"):
        left.unlink()
    draft = inbox / f"{file_name(manifest.pulled_at)}{DRAFT}"
    pulled_at = manifest.pulled_at.astimezone(UTC).replace(tzinfo=None)
    sql = (
        f"copy (select *, cast({quote(str(pulled_at))} as timestamp) as {PULLED_AT} from ({rows})) "
        f"to {quote(str(draft))} (format parquet, "
        f"kv_metadata {{{MANIFEST_KEY}: {quote(manifest.model_dump_json())}}})"
    )
    try:
        connection.execute(sql)
    except duckdb.IOException as error:
        draft.unlink(missing_ok=True)
        raise LandingError(
            f"{draft} cannot be written: is there room in {inbox}? Nothing of this pull was kept."
        ) from error
    put_on_disk([draft])
    return draft


def hand_over(draft: Path) -> Path:
    """Gives a draft the name of a delivery, for good: it is on disk when this returns."""
    target = draft.with_name(draft.name.removesuffix(DRAFT))
    draft.replace(target)
    put_on_disk([target])
    return target
