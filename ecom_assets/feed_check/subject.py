"""What a check is about: a feed, the store it feeds, the samples to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ecom_assets.errors import ConfigurationError, explain
from ecom_assets.feeds import Feed
from ecom_assets.feeds.folder import FEED_FILE, read_feed
from ecom_assets.feeds.registry import load_feed, own_folders
from ecom_assets.home import Home
from ecom_assets.setup_home import known_codes
from ecom_assets.stores import FeedOptions, Store, Stores, load_stores

SAMPLES = "sample"
MOST_FILES = 20  # of a folder or an inbox, the last by name


@dataclass(frozen=True)
class Wanted:
    """What a check was asked for; what is None is found out.

    Attributes:
        target: The feed's name, or its folder.
        files: Samples, or folders of them.
        store: The store that it is to feed.
        currency: Without a store: its currency.
        timezone: Without a store: its zone.
    """

    target: str
    files: Sequence[Path] = ()
    store: str | None = None
    currency: str | None = None
    timezone: str | None = None


@dataclass(frozen=True)
class Subject:
    """What is checked.

    Attributes:
        home: The home, of which nothing is changed.
        feed: The feed.
        store: A store with its clock and currency.
        files: The samples.
        notes: What was assumed.
        others: The store's other feeds.
    """

    home: Home
    feed: Feed
    store: Store
    files: Sequence[Path]
    notes: Sequence[str]
    others: Sequence[Feed] = ()


def subject_of(home: Home, wanted: Wanted) -> Subject:
    """Finds what a check is about.

    Raises:
        ConfigurationError: There is no such feed, store or file, or the feed's files are wrong.
    """
    feed, folder = _feed(home, wanted.target)
    stores = load_stores(home) if home.stores_file.is_file() else Stores()
    name = wanted.store or _only_store(stores, feed.feed)
    if wanted.store and wanted.store not in stores.stores:
        known = ", ".join(stores.stores) or "none"
        raise ConfigurationError(f"there is no store '{wanted.store}'. Known stores: {known}")
    notes: list[str] = []
    if name is None:
        store = _assumed_store(wanted, feed.feed)
        notes += _assumptions(wanted, feed)
    else:
        store = stores.stores[name]
        notes.append(f"as a feed of store '{name}': {store.currency}, {store.timezone}")
    inbox = home.feed_inbox(name, feed.feed) if name else None
    files = _files(wanted.files, folder, inbox)
    if len(files) > MOST_FILES:
        notes.append(f"read are the last {MOST_FILES} of {len(files):,} samples")
    others = [load_feed(other, home) for other in store.feeds if other != feed.feed]
    if feed.currency and name is None and not wanted.currency:
        feed = feed.model_copy(update={"currency": None})
    return Subject(home, feed, store, files[-MOST_FILES:], notes, others)


def _feed(home: Home, target: str) -> tuple[Feed, Path | None]:
    folder = Path(target)
    if folder.name == FEED_FILE:
        folder = folder.parent
    if (folder / FEED_FILE).is_file():
        return read_feed(folder.resolve()), folder
    if "/" in target or folder.is_dir():
        raise ConfigurationError(
            f"{folder / FEED_FILE} is missing: a feed is a folder with {FEED_FILE}, and one SQL "
            "file for each dataset it fills"
        )
    return load_feed(target, home), own_folders(home).get(target)


def _only_store(stores: Stores, feed: str) -> str | None:
    """Returns the store in question where there is no doubt."""
    fed = [name for name, store in stores.stores.items() if feed in store.feeds]
    candidates = fed or list(stores.stores)
    return candidates[0] if len(candidates) == 1 else None


def _assumed_store(wanted: Wanted, feed: str) -> Store:
    told = {"currency": wanted.currency or "XXX", "timezone": wanted.timezone or "UTC"}
    known_codes(told["currency"])
    try:
        return Store.model_validate({**told, "feeds": {feed: FeedOptions()}})
    except ValidationError as error:
        raise ConfigurationError(explain(error, Store)) from error


def _assumptions(wanted: Wanted, feed: Feed) -> list[str]:
    notes: list[str] = []
    if not wanted.timezone and any(column.type == "local_timestamp" for column in feed.columns):
        notes.append(
            "no store is named, so local times are read as UTC: name one with --store, or its zone "
            "with --timezone Europe/London"
        )
    if not wanted.currency and feed.currency:
        notes.append(
            "no store is named, so amounts are taken in any currency: name one with --store, or "
            "its currency with --currency GBP"
        )
    return notes


def _files(named: Sequence[Path], folder: Path | None, inbox: Path | None) -> list[Path]:
    """Returns the samples: those named, else those beside the feed, else those of the inbox."""
    for path in named:
        if not path.exists():
            raise ConfigurationError(f"{path} is no file: name a sample with --file")
    places = list(named) or [p for p in ((folder / SAMPLES) if folder else None, inbox) if p]
    found: list[Path] = []
    for place in places:
        found += _inside(place) if place.is_dir() else [place] if place.is_file() else []
        if found and not named:
            break
    return found


def _inside(folder: Path) -> list[Path]:
    files = (path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    return sorted(files)
