"""Files that are replaced as a whole, and what it takes for them to outlive a power cut."""

import os
from collections.abc import Iterable
from pathlib import Path


def replace_text(target: Path, text: str, *, durable: bool = False) -> None:
    """Replaces a file's text: whoever reads it finds the old one or the new one, never a part.

    That holds after a power cut too: without the sync before it, a renamed file may be empty.

    Args:
        target: The file; its folder is made. Nobody else may be replacing it.
        text: Its new text.
        durable: Whether the new text, not the old one, is what a power cut leaves.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    draft.write_text(text, "utf-8")
    _sync(draft)
    draft.replace(target)
    if durable:
        _sync(target.parent)


def put_on_disk(paths: Iterable[Path]) -> None:
    """Waits until files or folders, and the folders they are in, are on disk."""
    listed = list(paths)
    for path in (*listed, *({path.parent for path in listed} - set(listed))):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
