"""What a file of the inbox contains, as a hash that is computed once for each content.

The inbox keeps every file that was ever delivered, and every load, the sensor and ``ecom status``
look at all of them. A file is unchanged while its ``file_version`` is the same. What a load has
hashed, it keeps in the home for later processes.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError

from ecom_assets.errors import LandingError
from ecom_assets.file_version import FileVersion, file_version
from ecom_assets.home import Home
from ecom_assets.replace_file import replace_text

# Two changes within one tick of the file system's clock look like one: what was changed this
# lately is hashed again by the next process.
SETTLED_NS = 10_000_000_000
Content = tuple[FileVersion, str]  # of a file, and the SHA-256 of what was in it then
MEMORY = TypeAdapter(dict[str, Content])  # by path
NOTHING_READ: Mapping[str, Content] = MappingProxyType({})


def content_hash(home: Home, path: Path) -> str:
    """Returns the SHA-256 of a file of the inbox.

    Raises:
        FileNotFoundError: It has been taken away.
        LandingError: It must not be read.
    """
    return content_hashes(home)(str(path), file_version(path))


def known_contents(home: Home) -> Mapping[str, Content]:
    """Returns what the last load knew of the files of the inbox, by path."""
    try:
        return _read_memory(home.inbox_hashes, file_version(home.inbox_hashes))
    except (FileNotFoundError, ValidationError):  # none yet, or damaged
        return {}


def content_hashes(home: Home) -> Callable[[str, FileVersion], str]:
    """Returns what tells the hash of a file of the inbox by its path and version.

    It does so for many as :func:`content_hash` does for one.
    """
    remembered = known_contents(home)
    return lambda path, version: _known_or_read(remembered, path, version)


def remember_contents(
    home: Home, versions: Mapping[str, FileVersion], read: Mapping[str, Content] = NOTHING_READ
) -> None:
    """Keeps the hashes of these files, and no others; the caller holds the writer lock.

    Args:
        home: The home.
        versions: The versions of the files, by path, before anybody read them.
        read: What the caller has hashed itself, by path.
    """
    settled = time.time_ns() - SETTLED_NS
    remembered = known_contents(home)
    memory: dict[str, Content] = {}
    for path, version in versions.items():
        before = remembered.get(path)
        if before and before[0] == version:
            memory[path] = before
        elif max(version.mtime_ns, version.ctime_ns) < settled:
            with suppress(FileNotFoundError):  # taken away again
                memory[path] = (version, _known_or_read(read, path, version))
    if memory == remembered:
        return
    replace_text(home.inbox_hashes, json.dumps(memory))


def hash_file(path: Path) -> str:
    """Returns the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known_or_read(known: Mapping[str, Content], path: str, version: FileVersion) -> str:
    held = known.get(path)
    if held and held[0] == version:
        return held[1]
    try:
        return _hash_of(path, version)
    except PermissionError as error:
        raise LandingError(f"{path} cannot be read: {error.strerror}. Make it readable.") from error


@lru_cache(maxsize=100_000)
def _hash_of(path: str, version: FileVersion) -> str:
    del version  # it only tells one content from another
    return hash_file(Path(path))


@lru_cache(maxsize=4)
def _read_memory(path: Path, version: FileVersion) -> Mapping[str, Content]:
    del version
    return MEMORY.validate_json(path.read_bytes())
