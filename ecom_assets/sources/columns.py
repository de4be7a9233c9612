"""Whether a feed can make use of the columns that a source has now. Pure."""

from collections.abc import Sequence

from ecom_assets.feeds import Feed, Pull
from ecom_assets.feeds.pull import MARKS
from ecom_assets.ingest.readable import header_fault
from ecom_assets.sources.databases.dialect import INSIDE


def columns_fault(columns: Sequence[str], feed: Feed, pull: Pull) -> str | None:
    """Returns what is wrong with the columns of a source, as the end of a sentence about it."""
    place, instead = pull.place, "" if pull.rest else ": pull a view without "
    lowered = [name.lower() for name in columns]
    if len(set(lowered)) < len(lowered):
        return f"has columns in {place} that differ only in case{instead and instead + 'them'}"
    if taken := sorted({*MARKS, INSIDE} & set(lowered)):
        return f"has a column {taken[0]} in {place}, a name of ours{instead and instead + 'it'}"
    if "" in columns:
        return f"has a column without a name in {place}"
    watermark = None if pull.changes else pull.watermark
    asked = [name for name in (watermark, *pull.key) if name]
    if lacking := [name for name in asked if name not in columns]:
        return f"has no column {', '.join(lacking)} in {place}: see `pull` in feed.yaml"
    if fault := header_fault([*columns, *MARKS], feed):
        return f"does not give {place} as feed '{feed.feed}' needs it: {fault}"
    return None
