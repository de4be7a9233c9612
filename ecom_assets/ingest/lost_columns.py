"""Which columns a file lost against the versions of it that came before under the same name.

Only the newest version of a file is in the lake, so that what the earlier ones had is known here
alone, when it is replaced.
"""

from ecom_assets.feeds import Feed
from ecom_assets.ingest.manifest import LoadedFile
from ecom_assets.ingest.readable import Readable, Unreadable


def lost_columns(
    found: Readable | Unreadable, feed: Feed, before: LoadedFile, *, is_read_alike: bool
) -> tuple[str, ...]:
    """Returns the declared columns that a file does not have and an earlier version of it had.

    Args:
        found: The file as it is read now; a file that cannot be read has no columns.
        feed: How it is read.
        before: What the lake holds under its name: an earlier version, or the same one.
        is_read_alike: Whether that was read as this feed says; if not, what it lacked is unknown.
    """
    earlier = set(before.lost_columns)
    declared = [column.header for column in feed.columns]
    if before.status == "loaded" and is_read_alike:
        earlier |= set(declared) - set(before.missing_columns)
    absent = found.missing_columns if isinstance(found, Readable) else declared
    return tuple(header for header in absent if header in earlier)
