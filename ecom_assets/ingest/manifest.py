"""Manifests: the commit point of the lake.

One JSON file per (store, feed, delivery month) lists the files it holds and the parts that hold
their rows. It is replaced atomically after all its parts are written; readers read only listed
parts, so whatever a crash leaves behind is invisible.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ecom_assets.errors import ConfigurationError
from ecom_assets.file_version import FileVersion, file_version
from ecom_assets.replace_file import replace_text


class LoadedFile(BaseModel):
    """One delivered file as it was read.

    Attributes:
        name: File name as delivered.
        sha256: Hash of its bytes.
        seq: Its journal entry.
        delivered_on: Its delivery day.
        landed_at: When it was landed, UTC.
        fingerprint: Hash of all that decides how it was read.
        status: ``loaded``, or ``set_aside`` where it could not be read at all.
        message: Why it was set aside, or what is odd about it.
        rows: Rows delivered, without the header.
        quarantined: Rows of these that were rejected; a broken record weighs its lines.
        extra_columns: Columns that the feed does not know; their values are kept as ``overflow``.
        missing_columns: Declared columns that its header does not name, as in the header.
        lost_columns: Those of them that an earlier version of it, under the same name, had.
        batch: The parts that hold its rows.
        read_by: The run that read it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sha256: str
    seq: int
    delivered_on: date
    landed_at: datetime
    fingerprint: str
    status: Literal["loaded", "set_aside"] = "loaded"
    message: str | None = None
    rows: int = 0
    quarantined: int = 0
    extra_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    lost_columns: tuple[str, ...] = ()
    batch: str | None = None
    read_by: str


class Part(BaseModel):
    """One Parquet file of one dataset; path relative to the lake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    batch: str
    path: str
    rows: int


class Manifest(BaseModel):
    """What one store and feed delivered in one month, as it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: str
    feed: str
    month: str
    files: tuple[LoadedFile, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """(store, feed, month)."""
        return (self.store, self.feed, self.month)


def read_manifests(folder: Path) -> dict[tuple[str, str, str], Manifest]:
    """Returns all manifests by (store, feed, month)."""
    return {manifest.key: manifest for manifest in map(_read, _paths(folder))}


def manifest_path(folder: Path, store: str, feed: str, month: str) -> Path:
    """Returns where the manifest of a month lies."""
    return folder / store / feed / f"{month}.json"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replaces a manifest atomically; it is on disk when this returns."""
    target = manifest_path(folder, *manifest.key)
    replace_text(target, manifest.model_dump_json(indent=1), durable=True)


def _read(path: Path) -> Manifest:
    return _parse(path, file_version(path))


@lru_cache(maxsize=10_000)
def _parse(path: Path, version: FileVersion) -> Manifest:
    """Parses a manifest once for each content: a load looks at all of them a dozen times."""
    del version  # it only tells one content from another
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ConfigurationError(
            f"{path} is damaged: remove it, then `ecom run` reads that month anew"
        ) from error


def _paths(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*/*/*.json"))
