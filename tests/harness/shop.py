"""A small shop in a temporary home: deliver files, take them in, build its warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ecom_assets.home import Home
from ecom_assets.ingest.intake import Intake, MonthRange, take_in
from ecom_assets.settings import use_home
from ecom_assets.stores import Store, Stores, load_stores, save_stores
from tests.harness.warehouse import Warehouse

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LONDON_SHOP = Store(currency="GBP", timezone="Europe/London", feeds={"online_retail": {}})  # type: ignore[dict-item]


@dataclass
class Shop:
    """A home with stores and its warehouse in memory.

    Attributes:
        root: The home's folder.
        stores: Stores by id, as first written to stores.yaml.
    """

    root: Path
    stores: Mapping[str, Store] = field(default_factory=lambda: {"shop": LONDON_SHOP})

    def __post_init__(self) -> None:
        self.home = Home(self.root)
        use_home(self.root)
        self.set_stores(self.stores)
        self.warehouse = Warehouse(self.home)

    def set_stores(self, stores: Mapping[str, Store]) -> None:
        """Writes stores.yaml."""
        save_stores(self.home, Stores(stores=dict(stores)))

    def deliver(
        self, files: Mapping[str, bytes], store: str = "shop", feed: str = "online_retail"
    ) -> None:
        """Puts files into the inbox, replacing those of the same name."""
        inbox = self.home.feed_inbox(store, feed)
        inbox.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (inbox / name).write_bytes(content)

    def take_in(self, months: MonthRange | None = None) -> Intake:
        """Lands the inbox and reads what is stale, as every load begins."""
        return take_in(self.home, load_stores(self.home), months, "harness", now=NOW)

    def load(
        self, months: MonthRange | None = None, only: Sequence[str] | None = None
    ) -> dict[str, str]:
        """Runs a load and returns the digests of gold."""
        self.take_in(months)
        self.warehouse.build(only)
        return self.warehouse.digests()

    def close(self) -> None:
        """Frees the memory."""
        self.warehouse.connection.close()
