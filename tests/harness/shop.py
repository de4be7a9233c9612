"""A small shop in a temporary home: deliver files, take them in, build its warehouse."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from ecom_assets.home import Home
from ecom_assets.ingest.intake import Intake, MonthRange, take_in
from ecom_assets.stores import FeedOptions, Store, Stores, load_stores, save_stores
from tests.harness.warehouse import Warehouse

SHOWN_BYTES = 4000
NOW = datetime(2030, 1, 1, tzinfo=UTC)

Files = Mapping[str, bytes]


def store(feed: str, currency: str = "GBP", timezone: str = "Europe/London") -> Store:
    """Returns a store with one feed."""
    return Store(currency=currency, timezone=timezone, feeds={feed: FeedOptions()})


@dataclass(frozen=True)
class Load:
    """A load: what is delivered before it, and how much of it is done.

    Attributes:
        files: Content by file name; a name that was there before is replaced.
        months: The months it is restricted to; None for all.
        models: The models it builds before it is killed; None for all.
    """

    files: Files = field(default_factory=dict)
    months: MonthRange | None = None
    models: Collection[str] | None = None

    def __repr__(self) -> str:
        """Shows small files whole, for hypothesis to print a failing example."""
        files = {
            name: content if len(content) < SHOWN_BYTES else f"{len(content)} bytes"
            for name, content in self.files.items()
        }
        built = None if self.models is None else len(self.models)
        return f"Load({files}, months={self.months}, models={built})"


class Shop:
    """A home with one store and its warehouse in memory."""

    def __init__(self, root: Path, shop: Store) -> None:
        self.home = Home(root)
        self.feed = next(iter(shop.feeds))
        self.set_stores(shop=shop)
        self.warehouse = Warehouse(self.home)

    def __enter__(self) -> "Shop":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.warehouse.connection.close()

    def set_stores(self, **stores: Store) -> None:
        """Writes stores.yaml."""
        save_stores(self.home, Stores(stores=stores))

    def deliver(self, files: Files, store_id: str = "shop") -> None:
        """Puts files into the inbox, replacing those of the same name."""
        inbox = self.home.feed_inbox(store_id, self.feed)
        inbox.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (inbox / name).write_bytes(content)

    def take_in(self, months: MonthRange | None = None) -> Intake:
        """Lands the inbox and reads what is stale, as every load begins."""
        return take_in(self.home, load_stores(self.home), months, "harness", now=NOW)

    def run(self, load: Load) -> bool:
        """Does a load; returns whether everything is built from what has been read."""
        self.deliver(load.files)
        self.take_in(load.months)
        return self.warehouse.build(load.models)

    def replay(self, loads: Iterable[Load]) -> dict[str, str]:
        """Does loads one after another, then one of what is left; returns gold's digests."""
        is_done = False
        for load in loads:
            is_done = self.run(load) and load.months is None
        if not is_done:
            self.run(Load())
        return self.warehouse.digests()


def newest_files(loads: Iterable[Load]) -> Files:
    """Returns what a clean full load has to read: the newest content of every name."""
    return {name: content for load in loads for name, content in load.files.items()}
