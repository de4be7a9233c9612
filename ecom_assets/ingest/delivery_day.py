"""The delivery day of files that tell it inside: the newest day in one of their columns.

An export of a shop's past is delivered today, but its data end on their last day; without this
every day since would count as a day without sales.
"""

from datetime import date
from functools import lru_cache
from pathlib import Path

from ecom_assets.duck import identifier, quote, scratch_connection, scratch_folder
from ecom_assets.feeds import Feed
from ecom_assets.file_version import FileVersion, file_version
from ecom_assets.home import Home
from ecom_assets.ingest.judge_lines import LAST_YEAR, cast_lines_sql
from ecom_assets.ingest.read import probe, read_files
from ecom_assets.ingest.readable import Unreadable
from ecom_assets.ingest.unpack import unpack


def newest_day(home: Home, path: Path, feed: Feed, timezone: str) -> date | None:
    """Returns the store's newest day in the feed's column, None where no row can be read.

    The file is read once for each content: the sensor looks at it every few seconds.
    """
    return _newest_day(
        home, path, feed.model_dump_json(by_alias=True), timezone, file_version(path)
    )


@lru_cache(maxsize=1000)
def _newest_day(
    home: Home, path: Path, feed_json: str, timezone: str, version: FileVersion
) -> date | None:
    del version  # it only tells one content from another
    feed = Feed.model_validate_json(feed_json)
    column = feed.column(str(feed.delivered_on.column))
    name = identifier(column.name)
    local = name
    if column.type == "timestamp":
        local = f"timezone({quote(timezone)}, timezone('UTC', {name}))"
    with scratch_connection(home, threads=1) as connection, scratch_folder(home) as folder:
        unpacked = unpack(path, folder)
        found = probe(unpacked, feed) if isinstance(unpacked, Path) else unpacked
        if isinstance(found, Unreadable) or isinstance(unpacked, Unreadable):
            return None
        read_files(connection, feed, {0: (unpacked, found)})
        row = connection.execute(
            f"select cast(max({local}) as date) from ({cast_lines_sql(feed)}) "
            f"where year({name}) between {column.first_year} and {LAST_YEAR}"
        ).fetchone()
    return row[0] if row else None
