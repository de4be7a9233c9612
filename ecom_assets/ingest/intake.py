"""Taking in: everything between the inbox and the committed lake, for a range of months."""

from collections.abc import Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue

import duckdb

from ecom_assets.contracts import load_contracts
from ecom_assets.duck import scratch_connection
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import load_feed
from ecom_assets.home import Home
from ecom_assets.ingest.journal import Delivery, read_journal
from ecom_assets.ingest.landing import (
    Arrival,
    Unrecognised,
    land,
    new_arrivals,
    scan_inbox,
)
from ecom_assets.ingest.load import LoadedMonth, load_months
from ecom_assets.ingest.manifest import read_manifests
from ecom_assets.ingest.plan import MonthPlan, plan, read_together, reading_fingerprint
from ecom_assets.months import fault_of_range, present_month
from ecom_assets.progress import Step, report
from ecom_assets.settings import settings
from ecom_assets.stores import Stores, pulled_feeds

MonthRange = tuple[str, str]


@dataclass(frozen=True)
class Intake:
    """What a run took in."""

    landed: tuple[Delivery, ...]
    loaded: tuple[LoadedMonth, ...]
    unrecognised: tuple[Unrecognised, ...]


@dataclass(frozen=True)
class Waiting:
    """What is waiting to be loaded.

    Attributes:
        arrivals: Files in the inbox that are deliveries.
        plans: Stale months of what has landed already.
        unrecognised: Things in the inbox that are no deliveries.
    """

    arrivals: tuple[Arrival, ...]
    plans: tuple[MonthPlan, ...]
    unrecognised: tuple[Unrecognised, ...]

    @property
    def months(self) -> tuple[str, ...]:
        """The months that a load has to touch, in order."""
        found = {a.month for a in self.arrivals} | {p.month for p in self.plans}
        return tuple(sorted(found))


def stale_months(home: Home, stores: Stores) -> list[MonthPlan]:
    """Returns the months of the lake that differ from the journal."""
    readings = {
        (store_id, name): reading_fingerprint(load_feed(name, home), load_contracts(), store)
        for store_id, store in stores.stores.items()
        for name in store.feeds
    }
    return plan(read_journal(home.journal), read_manifests(home.manifests), readings)


def waiting(home: Home, stores: Stores, now: datetime) -> Waiting:
    """Looks at inbox, journal and lake without changing anything."""
    arrivals, unrecognised = scan_inbox(home, stores, now)
    new = tuple(new_arrivals(home, arrivals))
    return Waiting(new, tuple(stale_months(home, stores)), tuple(unrecognised))


def months_to_run(
    home: Home, found: Waiting, first: str | None, last: str | None
) -> tuple[str, str]:
    """Returns the months a load has to touch; those asked for, else those waiting.

    Raises:
        ConfigurationError: The first month comes after the last, or there is no such partition.
    """
    bounds = {option: m for option, m in (("--from", first), ("--to", last)) if m is not None}
    if fault := fault_of_range(bounds):
        raise ConfigurationError(fault)
    held = sorted(key[2] for key in read_manifests(home.manifests))
    here = found.months or tuple(held[-1:]) or (present_month(datetime.now(UTC)),)
    return first or min(here[0], last or here[0]), last or max(here[-1], first or here[-1])


def take_in(
    home: Home,
    stores: Stores,
    months: MonthRange | None,
    run_id: str,
    *,
    now: datetime | None = None,
    settled_before: int | None = None,
) -> Intake:
    """Lands what lies in the inbox and loads the stale months of a range.

    Args:
        home: The home; the caller holds its writer lock.
        stores: Its stores.
        months: First and last month (``2011-08``) to load beside those that are held already, and
            those just pulled, which nobody could know when the run was asked for; None loads all.
        run_id: Noted with every file that is read.
        now: The present, UTC.
        settled_before: Leave files in the inbox that were changed after this (nanoseconds).
    """
    moment = now or datetime.now(UTC)
    arrivals, unrecognised = scan_inbox(home, stores, moment)
    settled = [a for a in arrivals if _is_settled(a, settled_before)]
    report(Step("land", 0, len(settled)))
    landed = land(home, settled, moment)
    report(Step("land", len(settled), len(settled)))
    held = {tuple(key) for key in read_manifests(home.manifests)}
    held |= {
        (d.store, d.feed, d.month) for d in landed if (d.store, d.feed) in pulled_feeds(stores)
    }
    plans = _selected(stale_months(home, stores), months, held)
    return Intake(tuple(landed), tuple(_load(home, stores, plans, run_id)), tuple(unrecognised))


def _load(home: Home, stores: Stores, plans: Sequence[MonthPlan], run_id: str) -> list[LoadedMonth]:
    """Loads months side by side; months that only lose files come after those that gain them."""
    databases: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()

    def load(months: Sequence[MonthPlan]) -> list[LoadedMonth]:
        database = databases.get()
        try:
            return load_months(home, stores.stores[months[0].store], months, run_id, database)
        finally:
            databases.put(database)

    done: list[LoadedMonth] = []
    report(Step("load", 0, len(plans)))
    with ExitStack() as open_databases:
        for _ in range(min(settings().threads, len(plans))):
            databases.put(open_databases.enter_context(scratch_connection(home, threads=1)))
        for group in ([p for p in plans if p.read], [p for p in plans if not p.read]):
            with ThreadPoolExecutor(max_workers=settings().threads) as pool:
                for months in pool.map(load, read_together(group)):
                    done.extend(months)
                    report(Step("load", len(done), len(plans), months[-1].plan.month))
    return done


def _selected(
    plans: Sequence[MonthPlan], months: MonthRange | None, held: Container[tuple[str, str, str]]
) -> list[MonthPlan]:
    """Returns the plans of a range of months, in order.

    A month that is held already is always brought up to date: half of the tables would else be
    read on another clock, or from a file that has been replaced, than the rest.
    A month that only loses files follows those to which these have moved, in the range or not:
    as long as files of its feed wait outside the range it keeps what it holds.
    """
    if months is None:
        return list(plans)
    gains = [
        p
        for p in plans
        if p.read and (months[0] <= p.month <= months[1] or (p.store, p.feed, p.month) in held)
    ]
    waiting_feeds = {(p.store, p.feed) for p in plans if p.read and p not in gains}
    losses = [p for p in plans if not p.read and (p.store, p.feed) not in waiting_feeds]
    return [*gains, *losses]


def _is_settled(arrival: Arrival, settled_before: int | None) -> bool:
    if settled_before is None:
        return True
    try:
        return arrival.path.stat().st_mtime_ns <= settled_before
    except FileNotFoundError:  # taken away again
        return False
