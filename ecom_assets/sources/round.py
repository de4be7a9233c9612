"""A round of pulls: every feed of every store that names a source, one source at a time.

A source is a database, a REST API or a bucket of files. One that cannot be reached stops its own
feeds and no others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal

import duckdb

from ecom_assets.errors import (
    ConfigurationError,
    LandingError,
    SourceError,
    UnreachableError,
)
from ecom_assets.feeds import Feed, load_feed
from ecom_assets.home import Home
from ecom_assets.progress import Step, report
from ecom_assets.settings import source_secret
from ecom_assets.sources.databases.address import Address, parse_address
from ecom_assets.sources.databases.connection import source_connection
from ecom_assets.sources.databases.pull_table import pull_table
from ecom_assets.sources.failed_pulls import FailedPull, note_failed
from ecom_assets.sources.handing_over import Delivered, DeliveredFiles
from ecom_assets.stores import FeedOptions, Stores, pulled_feed, pulled_feeds

StoreFeed = tuple[str, str]
Kind = Literal["database", "api", "bucket"]
Source = tuple[str, Kind]  # the variable of its URL, and what it is
Work = Callable[[], Delivered | DeliveredFiles | None]


@dataclass(frozen=True)
class PullResult:
    """What came of one feed: one file or more, nothing new, or a failure.

    Attributes:
        store: Store id.
        feed: Feed name.
        delivered: What was delivered, None where nothing was new.
        fault: Why it could not be pulled.
    """

    store: str
    feed: str
    delivered: Delivered | DeliveredFiles | None = None
    fault: str | None = None

    def __str__(self) -> str:
        """Returns it as a sentence."""
        name = f"{self.store}/{self.feed}"
        if self.fault:
            return f"{name} was not pulled: {self.fault}"
        return f"{name}: {self.delivered or 'nothing new'}"


def pull_round(
    home: Home,
    stores: Stores,
    *,
    only: tuple[str | None, str | None] = (None, None),
    now: datetime | None = None,
    anew: bool = False,
) -> list[PullResult]:
    """Pulls feeds into the inbox and notes which could not be pulled.

    Args:
        home: The home; the caller holds its writer lock.
        stores: Its stores.
        only: A store and a feed to pull; None stands for all.
        now: The present, UTC.
        anew: Take snapshots of tables whose changes are read, even if they could be read on.

    Raises:
        ConfigurationError: There is no such store or feed that is pulled, or whose changes are.
    """
    wanted = _wanted(stores, only)
    if anew:
        wanted = _with_changes(home, stores, wanted)
    if not wanted:
        return []
    moment = now or datetime.now(UTC)
    results: list[PullResult] = []
    report(Step("pull", 0, len(wanted)))
    try:
        for source, group in _by_source(home, wanted).items():
            for result in _pull_source(home, stores, (source, group), moment, anew=anew):
                results.append(result)
                report(Step("pull", len(results), len(wanted), result.feed))
    finally:  # also of a round that is interrupted
        failed = [
            FailedPull(store=r.store, feed=r.feed, message=r.fault, failed_at=moment)
            for r in results
            if r.fault
        ]
        note_failed(home, stores, [(r.store, r.feed) for r in results], failed)
    return results


def _wanted(stores: Stores, only: tuple[str | None, str | None]) -> dict[StoreFeed, str]:
    if only[0] is not None and only[0] not in stores.stores:
        raise ConfigurationError(
            f"there is no store '{only[0]}'. Known stores: {', '.join(stores.stores)}"
        )
    pulled = pulled_feeds(stores)
    chosen = {
        pair: variable
        for pair, variable in pulled.items()
        if only[0] in (None, pair[0]) and only[1] in (None, pair[1])
    }
    if only != (None, None) and not chosen:
        known = ", ".join("/".join(pair) for pair in pulled) or "none; see docs/operations.md"
        raise ConfigurationError(
            f"{only[0] or 'any store'}/{only[1] or 'any feed'} is pulled from no source. "
            f"Pulled are: {known}"
        )
    return chosen


def _with_changes(home: Home, stores: Stores, wanted: dict[StoreFeed, str]) -> dict[StoreFeed, str]:
    """Returns those feeds of which the changes are read."""
    chosen = {
        pair: variable
        for pair, variable in wanted.items()
        if _reads_changes(pulled_feed(home, stores, *pair))
    }
    if not chosen:
        raise ConfigurationError(
            "a snapshot is for feeds whose changes are read, and none of these is: see `changes` "
            "in docs/operations.md"
        )
    return chosen


def _reads_changes(feed: Feed) -> bool:
    return bool(feed.pull and feed.pull.changes)


def _by_source(home: Home, wanted: dict[StoreFeed, str]) -> dict[Source, list[StoreFeed]]:
    groups: dict[Source, list[StoreFeed]] = {}
    for (store, feed), variable in wanted.items():
        groups.setdefault((variable, _kind(load_feed(feed, home))), []).append((store, feed))
    return groups


def _kind(feed: Feed) -> Kind:
    """Returns what kind of source a feed is pulled from."""
    if feed.pull is None:
        return "bucket"
    return "api" if feed.pull.rest else "database"


def _pull_source(
    home: Home,
    stores: Stores,
    feeds: tuple[Source, list[StoreFeed]],
    now: datetime,
    *,
    anew: bool,
) -> Iterator[PullResult]:
    """Pulls the feeds of one source, until it cannot be reached at all."""
    (variable, kind), left = feeds
    try:
        if kind == "database":
            yield from _pull_database(home, stores, (variable, left), now, anew=anew)
        else:
            yield from _pull_one_by_one(home, stores, left, now, kind)
    except SourceError as error:
        yield from (PullResult(store, feed, fault=str(error)) for store, feed in left)


def _pull_database(
    home: Home, stores: Stores, feeds: tuple[str, list[StoreFeed]], now: datetime, *, anew: bool
) -> Iterator[PullResult]:
    """Pulls the feeds of one database over one connection, and takes those done off the list."""
    variable, left = feeds
    address = parse_address(variable, source_secret(variable))
    with source_connection(home, address) as connection:
        while left:
            store, name = left[0]
            target = (store, pulled_feed(home, stores, store, name))
            work = partial(pull_table, connection, home, address, target, now)
            if _reads_changes(target[1]):
                work = partial(_pull_changes, connection, home, address, target, now, anew=anew)
            result = _result(target, work)
            left.pop(0)
            yield result


def _pull_one_by_one(
    home: Home,
    stores: Stores,
    left: list[StoreFeed],
    now: datetime,
    kind: Kind,
) -> Iterator[PullResult]:
    """Pulls the feeds of one API or bucket, and takes those done off the list."""
    while left:
        store, name = left[0]
        target, options = (store, load_feed(name, home)), stores.stores[store].feeds[name]
        if kind == "api":
            result = _result(target, partial(_pull_endpoint, home, options, target, now))
        else:
            result = _result(target, partial(_pull_files, home, options, target))
        left.pop(0)
        yield result


def _pull_changes(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    address: Address,
    target: tuple[str, Feed],
    now: datetime,
    *,
    anew: bool,
) -> Delivered | None:
    from ecom_assets.sources.changes.pull_changes import pull_changes

    return pull_changes(connection, home, address, target, now, anew=anew)


def _pull_endpoint(
    home: Home, options: FeedOptions, target: tuple[str, Feed], now: datetime
) -> Delivered | None:
    from ecom_assets.sources.apis.api import api_of
    from ecom_assets.sources.apis.pull_endpoint import pull_endpoint

    return pull_endpoint(home, api_of(options), target, now)


def _pull_files(
    home: Home, options: FeedOptions, target: tuple[str, Feed]
) -> DeliveredFiles | None:
    from ecom_assets.sources.buckets.address import parse_bucket
    from ecom_assets.sources.buckets.pull_bucket import pull_bucket

    variable = str(options.url_env)
    return pull_bucket(home, parse_bucket(variable, source_secret(variable)), target)


def _result(target: tuple[str, Feed], work: Work) -> PullResult:
    """Returns what comes of one feed; that nothing answers is no matter of one feed.

    Raises:
        UnreachableError: Nothing answers.
    """
    store, feed = target
    try:
        return PullResult(store, feed.feed, work())
    except UnreachableError:
        raise
    except (SourceError, LandingError) as error:
        return PullResult(store, feed.feed, fault=str(error))
