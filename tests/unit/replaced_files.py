"""Files replaced so that hardly anything shows it."""

import os
from pathlib import Path


def replace_under_size_and_time(path: Path, content: bytes) -> None:
    """Writes as many bytes into a file and sets its time back."""
    before = path.stat()
    assert before.st_size == len(content)
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # until the file system's clock ticks
        path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
