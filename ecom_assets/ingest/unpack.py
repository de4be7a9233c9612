"""Unpacking what was delivered packed: gzip, zip with one file in it, Zstandard.

The landing keeps the delivered bytes as they are; this is done anew for each reading. How much a
file may unpack to is bounded, so a small one cannot fill the disk.
"""

import gzip
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Protocol

import zstandard

from ecom_assets.ingest.readable import Unreadable

ENDINGS = (".gz", ".zip", ".zst")
MOST_BYTES = 20_000_000_000
MOST_TIMES = 1_000  # as large as it was; text hardly ever shrinks to a hundredth
LIKELY_TIMES = 20  # what a shop's text becomes at best
FREE_BYTES = 100_000_000  # up to here nobody asks how much smaller it was
CHUNK_BYTES = 1_000_000
PACKED_BYTES = 4_000


class Content(Protocol):
    """What can be read."""

    def read(self, size: int, /) -> bytes:
        """Returns at most so many bytes, none at the end."""
        ...


def unpacked_name(name: str) -> str:
    """Returns a file's name without the ending that says how it is packed."""
    if not name.endswith(ENDINGS):
        return name
    return next(name.removesuffix(ending) for ending in ENDINGS if name.endswith(ending))


def likely_bytes(name: str, size: int) -> int:
    """Returns how large a delivered file may well be as it is read.

    What an archive says of its content is of no help: it may lie, and most do not tell.
    """
    return size * LIKELY_TIMES if name.endswith(ENDINGS) else size


def unpack(path: Path, folder: Path) -> Path | Unreadable:
    """Returns the unpacked content of a file: the file itself where it is not packed.

    Args:
        path: The delivered file.
        folder: Where the unpacked one may lie.
    """
    opener = _OPENERS.get(path.suffix)
    if opener is None:
        return path
    target = folder / f"{path.name}.unpacked"
    limit = most_bytes(path)
    try:
        with opener(path) as packed, target.open("wb") as file:
            while chunk := packed.read(CHUNK_BYTES):
                file.write(chunk)
                if file.tell() > limit:
                    return Unreadable(
                        f"the file unpacks to more than {limit:,} bytes: deliver it in parts"
                    )
    except _Unpackable as error:
        return Unreadable(str(error))
    except _FAULTS as error:
        return Unreadable(f"the file cannot be unpacked ({error}): deliver it again")
    return target


def most_bytes(path: Path) -> int:
    """Returns how much a packed file may unpack to."""
    return min(MOST_BYTES, max(FREE_BYTES, path.stat().st_size * MOST_TIMES))


# zipfile says NotImplementedError for a packing it does not know, RuntimeError for odd headers
_FAULTS = (
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
    zipfile.BadZipFile,
    zstandard.ZstdError,
)


class _Unpackable(Exception):  # noqa: N818
    """Why an archive has no content to read."""


@contextmanager
def _open_gzip(path: Path) -> Generator[Content]:
    with gzip.open(path, "rb") as file:
        yield file


@contextmanager
def _open_zip(path: Path) -> Generator[Content]:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise _Unpackable(
                f"the archive holds {len(members)} files: deliver each as a file of its own"
            )
        if members[0].flag_bits & 1:
            raise _Unpackable("the archive is encrypted: deliver it without a password")
        with archive.open(members[0]) as file:
            yield file


@contextmanager
def _open_zstd(path: Path) -> Generator[Content]:
    with path.open("rb") as file:
        yield _Frames(file)


class _Frames:
    """The content of Zstandard frames, one behind the other.

    Unlike the library's own reader it notices where the last one is cut short.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = b""
        self._frame: zstandard.ZstdDecompressionObj | None = None

    def read(self, size: int, /) -> bytes:
        """Returns some bytes, none at the end; little is read at once, for it may hold a lot."""
        del size
        while piece := self._left or self._file.read(PACKED_BYTES):
            self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
            content = self._frame.decompress(piece)
            self._left = self._frame.unused_data
            if self._frame.eof:
                self._frame = None
            if content:
                return content
        if self._frame is not None:
            raise EOFError("it ends in the middle")
        return b""


_OPENERS: dict[str, Callable[[Path], AbstractContextManager[Content]]] = {
    ".gz": _open_gzip,
    ".zip": _open_zip,
    ".zst": _open_zstd,
}
