"""The pulls that failed when last tried, for the check ``sources_reached`` and for people.

Nothing is read from here to decide what is pulled: that is what has landed (see ``landed.py``).
"""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ecom_assets.feeds import Feed, load_feed
from ecom_assets.home import Home
from ecom_assets.stores import Stores

SOURCES_REACHED = "sources_reached"  # how the check is called


class FailedPull(BaseModel):
    """A feed whose source could not be pulled.

    Attributes:
        store: Store id.
        feed: Feed name.
        message: Why, in a sentence without any part of the URL.
        failed_at: When that was tried, UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: str
    feed: str
    message: str
    failed_at: datetime


_ALL = TypeAdapter(tuple[FailedPull, ...])


def read_failed(home: Home, stores: Stores) -> tuple[FailedPull, ...]:
    """Returns the failed pulls of feeds that still are pulled."""
    if not home.failed_pulls.is_file():
        return ()
    try:
        found = _ALL.validate_json(home.failed_pulls.read_bytes())
    except ValidationError:  # of no account: the next pull writes it anew
        return ()
    return tuple(f for f in found if (f.store, f.feed) in pulled_feeds(stores))


def note_failed(
    home: Home, stores: Stores, tried: Iterable[tuple[str, str]], failed: Iterable[FailedPull]
) -> None:
    """Replaces what is known of the feeds just tried."""
    gone = set(tried)
    kept = [f for f in read_failed(home, stores) if (f.store, f.feed) not in gone]
    home.state.mkdir(parents=True, exist_ok=True)
    draft = home.failed_pulls.with_suffix(".part")
    draft.write_bytes(_ALL.dump_json((*kept, *failed), indent=1))
    draft.replace(home.failed_pulls)


def pulled_feeds(stores: Stores) -> dict[tuple[str, str], str]:
    """Returns the feeds that are pulled, with the variables that hold their URLs."""
    return {
        (store_id, feed): options.url_env
        for store_id, store in stores.stores.items()
        for feed, options in store.feeds.items()
        if options.url_env
    }


def pulled_feed(home: Home, stores: Stores, store: str, name: str) -> Feed:
    """Returns a feed as a store pulls it: the store may say that its changes are read."""
    feed = load_feed(name, home)
    changes = stores.stores[store].feeds[name].changes
    if feed.pull is None or changes is None:
        return feed
    return feed.model_copy(update={"pull": feed.pull.model_copy(update={"changes": changes})})
