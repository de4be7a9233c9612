"""Which datasets must hold a delivered line: asked by a load that counts, and by a feed's check."""

from ecom_assets.contracts import load_contracts
from ecom_assets.feeds.model import Feed


def holding_datasets(feed: Feed) -> list[str]:
    """Returns the datasets of a feed of which one must hold each accepted line.

    Of a document that has lines of its own, the order alone does not hold its lines.
    """
    with_lines = [name for name in feed.sql if not load_contracts()[name].gathers_lines]
    return with_lines if feed.document and with_lines else list(feed.sql)
