"""Turning text files of encodings that DuckDB cannot read, or not whole, into UTF-8.

DuckDB knows no Windows code page, and refuses a whole UTF-16 file for one character beyond the
basic plane. What stands for no character becomes a byte that is no UTF-8 either: so only its record
is broken, as in a file that was delivered in UTF-8.
"""

import codecs
from pathlib import Path

from ecom_assets.feeds import Feed

CHUNK_BYTES = 1_000_000
# A mark at the beginning says the order of bytes; without one it is little-endian.
CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "latin-1": "latin-1", "cp1252": "cp1252"}
NO_UTF_8 = "\udcff"  # written as the byte 0xff


def _as_no_character(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return NO_UTF_8, error.end


codecs.register_error("ecom_no_character", _as_no_character)


def is_transcoded(feed: Feed) -> bool:
    """Whether files of a feed are read as UTF-8 copies of themselves."""
    return feed.encoding in ("cp1252", "utf-16")


def transcode(path: Path, target: Path, encoding: str) -> Path:
    """Writes a file as UTF-8, without a mark at its beginning; line ends stay as they are.

    Args:
        path: The delivered file.
        target: The copy, which is returned.
        encoding: That of the delivered file.
    """
    mark = len(codecs.BOM_UTF16_LE)
    with path.open("rb") as source, target.open("wb") as copy:
        is_marked = source.read(mark) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        source.seek(0)
        codec = "utf-16-le" if encoding == "utf-16" and not is_marked else CODECS[encoding]
        decoder = codecs.getincrementaldecoder(codec)(errors="ecom_no_character")
        while chunk := source.read(CHUNK_BYTES):
            copy.write(decoder.decode(chunk).encode("utf-8", errors="surrogateescape"))
        copy.write(decoder.decode(b"", final=True).encode("utf-8", errors="surrogateescape"))
    return target
