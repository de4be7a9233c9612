"""What a file of the inbox contains, as a hash that is computed once for each content.

The inbox keeps every file that was ever delivered, and every load, the sensor and ``ecom status``
look at all of them. A file is unchanged while the file system says so (its size, times and inode;
nobody can set ``ctime`` back). What a load has hashed, it keeps in the home for later processes.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from ecom_assets.errors import LandingError
from ecom_assets.home import Home
from ecom_assets.replace_file import replace_text

Version = tuple[int, int, int, int]

# Two changes within one tick of the file system's clock look like one: what was changed this
# lately is hashed again by the next process.
SETTLED_NS = 10_000_000_000


def content_hash(home: Home, path: Path) -> str:
    """Returns the SHA-256 of a file of the inbox.

    Raises:
        LandingError: The file must not be read.
    """
    version = _version(path)
    known = _remembered(home).get(str(path))
    if known and known[0] == version:
        return known[1]
    try:
        return _hash_of(path, version)
    except PermissionError as error:
        raise LandingError(f"{path} cannot be read: {error.strerror}. Make it readable.") from error


def remember_contents(home: Home, paths: Iterable[Path]) -> None:
    """Keeps the hashes of these files, and no others; the caller holds the writer lock."""
    settled = time.time_ns() - SETTLED_NS
    memory: dict[str, tuple[Version, str]] = {}
    for path in paths:
        with suppress(FileNotFoundError):  # taken away again
            version = _version(path)
            if max(version[1:3]) < settled:
                memory[str(path)] = (version, content_hash(home, path))
    if memory == _remembered(home):
        return
    replace_text(home.inbox_hashes, json.dumps(memory))


def hash_file(path: Path) -> str:
    """Returns the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=100_000)
def _hash_of(path: Path, version: Version) -> str:
    del version  # it only tells one content from another
    return hash_file(path)


def _version(path: Path) -> Version:
    stat = path.stat()
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


def _remembered(home: Home) -> Mapping[str, tuple[Version, str]]:
    try:
        return _read_memory(home.inbox_hashes, _version(home.inbox_hashes))
    except (FileNotFoundError, ValueError):  # none yet, or cut short by a power cut
        return {}


@lru_cache(maxsize=4)
def _read_memory(path: Path, version: Version) -> Mapping[str, tuple[Version, str]]:
    del version
    stored = json.loads(path.read_text("utf-8"))
    return {name: (tuple(of), sha256) for name, (of, sha256) in stored.items()}
