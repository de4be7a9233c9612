"""Whether a file is still the one it was, without reading it.

Whoever remembers what is in a file remembers this with it. Nobody can set ``ctime`` back: it tells
a file that was replaced under its size and time.
"""

import os
from pathlib import Path
from typing import NamedTuple


class FileVersion(NamedTuple):
    """What the file system says of a file's content; equal while it is the same."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def file_version(path: Path) -> FileVersion:
    """Returns the version of a file as it is now.

    Raises:
        FileNotFoundError: There is no such file.
    """
    return version_told_by(path.stat())


def version_told_by(stat: os.stat_result) -> FileVersion:
    """Returns the version of the file that was asked for its state."""
    return FileVersion(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
