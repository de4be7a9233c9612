"""The pulls that failed when last tried, for the check ``sources_reached`` and for people.

Nothing is read from here to decide what is pulled: that is what has landed (see ``landed.py``).
"""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ecom_assets.home import Home
from ecom_assets.replace_file import replace_text
from ecom_assets.stores import Stores, pulled_feeds

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
    replace_text(home.failed_pulls, _ALL.dump_json((*kept, *failed), indent=1).decode())
