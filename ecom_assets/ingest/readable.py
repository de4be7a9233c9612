"""Whether a file can be read as its feed says, and what its first bytes tell of it."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from ecom_assets.feeds import Feed
from ecom_assets.feeds.pull import MARKS

HEADER_BYTES = 65_536

ONE_BYTE = ("cp1252", "latin-1")  # whatever bytes there are, they read them

BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "big-endian UTF-16",
}


@dataclass(frozen=True)
class Readable:
    """A file that can be read.

    Attributes:
        header: The columns it names at its beginning; none where the format has no header.
        extra_columns: Those of its columns that the feed does not know.
        missing_columns: Declared columns of the source that the header does not name.
    """

    header: tuple[str, ...] = ()
    extra_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unreadable:
    """A file that cannot be read at all, and what to do about it."""

    reason: str


def with_header(header: Sequence[str], feed: Feed) -> Readable:
    """Returns a readable file that names these columns."""
    marks = MARKS if feed.pull else ()
    return Readable(
        tuple(header),
        tuple(name for name in header if name not in feed.known_headers),
        tuple(c.header for c in feed.columns if c.header not in (*header, *marks)),
    )


def marked_encoding(head: bytes) -> str | None:
    """Returns the encoding that a mark at the beginning of a text file tells, None without one."""
    return next((name for bom, name in BOMS.items() if head.startswith(bom)), None)


def encoding_fault(head: bytes, feed: Feed) -> str | None:
    """Returns why the beginning of a text file is not in the feed's encoding, None if it is."""
    if not head:
        return "the file is empty (0 bytes): deliver it again"
    found = marked_encoding(head)
    if found is None and feed.encoding in ONE_BYTE and _is_utf_8(head):
        found = "UTF-8"
    if found is None and b"\0" in head and feed.encoding != "utf-16":
        found = "a binary format or UTF-16"
    if found and found.lower() != feed.encoding:
        return (
            f"the file is in {found}, feed '{feed.feed}' reads {feed.encoding}: save it as "
            f"{feed.encoding}, or change `encoding` in feed.yaml"
        )
    return None


def _is_utf_8(head: bytes) -> bool:
    """Returns whether letters are those of UTF-8: in encodings of one byte that says nonsense."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # it may end amid a letter
    except UnicodeDecodeError:
        return False
    return not head.isascii()


def header_fault(header: Sequence[str], feed: Feed) -> str | None:
    """Returns why the columns a file names are not those of the feed, None if they are."""
    twice = sorted({name or "a column without a name" for name in header if header.count(name) > 1})
    if twice:
        return f"the header has {', '.join(twice)} more than once"
    missing = [c.header for c in feed.columns if c.required and c.header not in header]
    if missing:
        return f"the header lacks {', '.join(missing)} (it has: {', '.join(header)[:200]})"
    return None
