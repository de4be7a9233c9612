"""Which feeds there are: those of the package, and those of a home in ``<home>/feeds/``.

One of a home stands in place of a shipped one of the same name. What a home's folder says is looked
at with each question, so a process that runs for months knows it as it is now; the shipped ones are
read once.
"""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds.folder import FEED_FILE, read_feed
from ecom_assets.feeds.model import Feed
from ecom_assets.home import Home
from ecom_assets.wording import did_you_mean


@lru_cache(maxsize=1)
def shipped_feeds() -> dict[str, Feed]:
    """Reads the feeds of the package, by name.

    Raises:
        ConfigurationError: A feed.yaml is wrong.
    """
    folder = files("ecom_assets.feeds")
    found = [item for item in folder.iterdir() if item.is_dir() and (item / FEED_FILE).is_file()]
    return {item.name: read_feed(item) for item in sorted(found, key=lambda item: item.name)}


def own_folders(home: Home) -> dict[str, Path]:
    """Returns the folders of a home's own feeds, by name; what is in them may be wrong."""
    if not home.feeds.is_dir():
        return {}
    return {path.name: path for path in sorted(home.feeds.iterdir()) if _is_feed(path)}


def _is_feed(path: Path) -> bool:
    return not path.name.startswith(".") and (path / FEED_FILE).is_file()


def feed_names(home: Home) -> list[str]:
    """Returns the names of all feeds that a home knows, in order."""
    return sorted({*shipped_feeds(), *own_folders(home)})


def load_feed(name: str, home: Home) -> Feed:
    """Returns one feed: the home's own, else the shipped one.

    Raises:
        ConfigurationError: There is no such feed, or it is described wrongly.
    """
    own = home.feeds / name
    if own.parent == home.feeds and own.name == name and _is_feed(own):
        return read_feed(own)
    feeds = shipped_feeds()
    if name not in feeds:
        names = feed_names(home)
        meant, known = did_you_mean(name, names), ", ".join(names)
        lacking = f"; {own} has no {FEED_FILE}" if own.is_dir() else ""
        raise ConfigurationError(f"There is no feed '{name}'{lacking}.{meant} Known feeds: {known}")
    return feeds[name]


def load_feeds(home: Home, names: Iterable[str] | None = None) -> dict[str, Feed]:
    """Returns feeds of a home, by name.

    Args:
        home: The home.
        names: The feeds wanted; None for all.

    Raises:
        ConfigurationError: One of them is unknown or described wrongly.
    """
    wanted = feed_names(home) if names is None else sorted(set(names))
    return {name: load_feed(name, home) for name in wanted}
