"""A round of pulls: every feed of every store that names a source, one source at a time.

A source is a database or a REST API. One that cannot be reached stops its own feeds and no others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from ecom_assets.errors import ConfigurationError, SourceError, UnreachableError
from ecom_assets.feeds import Feed, load_feed
from ecom_assets.home import Home
from ecom_assets.progress import Step, report
from ecom_assets.settings import source_secret
from ecom_assets.sources.address import parse_address
from ecom_assets.sources.connection import source_connection
from ecom_assets.sources.delivery import Delivered
from ecom_assets.sources.failed import FailedPull, note_failed, pulled_feeds
from ecom_assets.sources.pull_table import pull_table
from ecom_assets.stores import FeedOptions, Stores

StoreFeed = tuple[str, str]


@dataclass(frozen=True)
class PullResult:
    """What came of one feed: a file, nothing new, or a failure.

    Attributes:
        store: Store id.
        feed: Feed name.
        delivered: The file, None where nothing was new.
        fault: Why it could not be pulled.
    """

    store: str
    feed: str
    delivered: Delivered | None = None
    fault: str | None = None

    def __str__(self) -> str:
        """Returns it as a sentence."""
        name = f"{self.store}/{self.feed}"
        if self.fault:
            return f"{name} was not pulled: {self.fault}"
        if not self.delivered:
            return f"{name}: nothing new"
        gone = f", {self.delivered.deleted:,} of them gone" if self.delivered.deleted else ""
        return f"{name}: pulled {self.delivered.rows:,} rows{gone}"


def pull_round(
    home: Home,
    stores: Stores,
    *,
    only: tuple[str | None, str | None] = (None, None),
    now: datetime | None = None,
) -> list[PullResult]:
    """Pulls feeds into the inbox and notes which could not be pulled.

    Args:
        home: The home; the caller holds its writer lock.
        stores: Its stores.
        only: A store and a feed to pull; None stands for all.
        now: The present, UTC.

    Raises:
        ConfigurationError: There is no such store or feed that is pulled.
    """
    wanted = _wanted(stores, only)
    if not wanted:
        return []
    moment = now or datetime.now(UTC)
    results: list[PullResult] = []
    report(Step("pull", 0, len(wanted)))
    for group in _by_source(home, wanted):
        for result in _pull_source(home, stores, group, moment):
            results.append(result)
            report(Step("pull", len(results), len(wanted), result.feed))
    failed = [
        FailedPull(store=r.store, feed=r.feed, message=r.fault, failed_at=moment)
        for r in results
        if r.fault
    ]
    note_failed(home, stores, wanted, failed)
    return results


def _wanted(stores: Stores, only: tuple[str | None, str | None]) -> dict[StoreFeed, str]:
    pulled = pulled_feeds(stores)
    chosen = {
        pair: variable
        for pair, variable in pulled.items()
        if only[0] in (None, pair[0]) and only[1] in (None, pair[1])
    }
    if only != (None, None) and not chosen:
        known = ", ".join("/".join(pair) for pair in pulled) or "none; see docs/operations.md"
        raise ConfigurationError(
            f"{only[0] or 'any store'}/{only[1] or 'any feed'} is pulled from no database or API. "
            f"Pulled are: {known}"
        )
    return chosen


def _by_source(home: Home, wanted: dict[StoreFeed, str]) -> list[list[StoreFeed]]:
    groups: dict[tuple[str, bool], list[StoreFeed]] = {}
    for (store, feed), variable in wanted.items():
        pull = load_feed(feed, home).pull
        groups.setdefault((variable, bool(pull and pull.rest)), []).append((store, feed))
    return list(groups.values())


def _pull_source(
    home: Home, stores: Stores, group: list[StoreFeed], now: datetime
) -> Iterator[PullResult]:
    """Pulls the feeds of one source, until it cannot be reached at all."""
    left = list(group)
    store, feed = left[0]
    pull = load_feed(feed, home).pull
    try:
        if pull and pull.rest:
            yield from _pull_api(home, stores, left, now)
        else:
            variable = str(stores.stores[store].feeds[feed].url_env)
            yield from _pull_database(home, variable, left, now)
    except SourceError as error:
        yield from (PullResult(store, feed, fault=str(error)) for store, feed in left)


def _pull_database(
    home: Home, variable: str, left: list[StoreFeed], now: datetime
) -> Iterator[PullResult]:
    """Pulls the feeds of one database over one connection, and takes those done off the list."""
    address = parse_address(variable, source_secret(variable))
    with source_connection(home, address) as connection:
        while left:
            store, name = left.pop(0)
            target = (store, load_feed(name, home))
            work = partial(pull_table, connection, home, address, target, now)
            yield _result(target, work)


def _pull_api(
    home: Home, stores: Stores, left: list[StoreFeed], now: datetime
) -> Iterator[PullResult]:
    """Pulls the feeds of one API, and takes those done off the list."""
    while left:
        store, name = left[0]
        target = (store, load_feed(name, home))
        work = partial(_pull_endpoint, home, stores.stores[store].feeds[name], target, now)
        result = _result(target, work)
        left.pop(0)
        yield result


def _pull_endpoint(
    home: Home, options: FeedOptions, target: tuple[str, Feed], now: datetime
) -> Delivered | None:
    from ecom_assets.sources.api import api_of
    from ecom_assets.sources.pull_endpoint import pull_endpoint

    return pull_endpoint(home, api_of(options), target, now)


def _result(target: tuple[str, Feed], work: Callable[[], Delivered | None]) -> PullResult:
    """Returns what comes of one feed; that nothing answers is no matter of one feed.

    Raises:
        UnreachableError: Nothing answers.
    """
    store, feed = target
    try:
        return PullResult(store, feed.feed, work())
    except UnreachableError:
        raise
    except SourceError as error:
        return PullResult(store, feed.feed, fault=str(error))
