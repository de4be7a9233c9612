"""A round of pulls: every feed of every store that names a database, one database at a time.

A database that cannot be reached stops its own feeds and no others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from ecom_assets.errors import ConfigurationError, SourceError
from ecom_assets.feeds import Feed, load_feed
from ecom_assets.home import Home
from ecom_assets.progress import Step, report
from ecom_assets.settings import source_url
from ecom_assets.sources.address import Address, parse_address
from ecom_assets.sources.connection import source_connection
from ecom_assets.sources.failed import FailedPull, note_failed, pulled_feeds
from ecom_assets.sources.pull import Delivered, pull_feed
from ecom_assets.stores import Stores

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
    for (_, variable), group in _by_database(wanted).items():
        for result in _pull_database(home, variable, group, moment):
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
            f"{only[0] or 'any store'}/{only[1] or 'any feed'} is not pulled from a database. "
            f"Pulled are: {known}"
        )
    return chosen


def _by_database(wanted: dict[StoreFeed, str]) -> dict[StoreFeed, list[StoreFeed]]:
    groups: dict[StoreFeed, list[StoreFeed]] = {}
    for (store, feed), variable in wanted.items():
        groups.setdefault((store, variable), []).append((store, feed))
    return groups


def _pull_database(
    home: Home, variable: str, group: list[StoreFeed], now: datetime
) -> Iterator[PullResult]:
    """Pulls the feeds of one database over one connection."""
    left = list(group)
    try:
        address = parse_address(variable, source_url(variable))
        with source_connection(home, address) as connection:
            while left:
                store, name = left.pop(0)
                yield _pull_one(home, connection, address, (store, load_feed(name, home)), now)
    except SourceError as error:  # it cannot be reached at all
        yield from (PullResult(store, feed, fault=str(error)) for store, feed in left)


def _pull_one(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    address: Address,
    target: tuple[str, Feed],
    now: datetime,
) -> PullResult:
    store, feed = target
    try:
        delivered = pull_feed(connection, home, address, target, now)
    except SourceError as error:
        return PullResult(store, feed.feed, fault=str(error))
    return PullResult(store, feed.feed, delivered)
