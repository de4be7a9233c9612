"""Several small shops in one home: one load serves all, which costs little more than one shop's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.stores import Store, Stores, load_stores, save_stores
from tests.harness.nodes import stored_nodes
from tests.harness.shop import NOW, Files
from tests.harness.warehouse import Row, Warehouse

# Tables whose rows belong to one store each.
STORES_OWN = frozenset(node.name for node in stored_nodes() if "store_id" in node.columns)


@dataclass(frozen=True)
class CompanyLoad:
    """A load: what is delivered to each store before it, and how many nodes it builds.

    Attributes:
        files: Content by file name, by store; a name that was there before is replaced.
        nodes: After how many nodes the load is killed; None if it is not.
    """

    files: Mapping[str, Files]
    nodes: int | None = None


class Company:
    """A home with several stores of one feed each, and its warehouse in memory."""

    def __init__(self, root: Path, stores: Mapping[str, Store], reporting: str) -> None:
        self.home = Home(root)
        save_stores(self.home, Stores(stores=dict(stores), reporting_currency=reporting))
        self.feeds = {name: next(iter(store.feeds)) for name, store in stores.items()}
        self.warehouse = Warehouse(self.home)

    def __enter__(self) -> "Company":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.warehouse.connection.close()

    def deliver(self, files: Mapping[str, Files]) -> None:
        """Puts files into the inboxes of the stores, replacing those of the same name."""
        for store_id, delivered in files.items():
            inbox = self.home.feed_inbox(store_id, self.feeds[store_id])
            inbox.mkdir(parents=True, exist_ok=True)
            for name, content in delivered.items():
                (inbox / name).write_bytes(content)

    def run(self, load: CompanyLoad) -> bool:
        """Does a load; returns whether everything is built from what has been read."""
        self.deliver(load.files)
        take_in(self.home, load_stores(self.home), None, "harness", now=NOW)
        return self.warehouse.build_first(load.nodes)

    def replay(self, loads: Iterable[CompanyLoad]) -> dict[str, str]:
        """Does loads one after another, then one of what is left; returns gold's digests."""
        is_done = False
        for load in loads:
            is_done = self.run(load)
        if not is_done:
            self.run(CompanyLoad({}))
        return self.warehouse.digests()

    def rows_of(self, table: str, store_id: str) -> list[Row]:
        """Returns a store's rows of a gold table, ordered; none of one that belongs to no store."""
        if table not in STORES_OWN:
            return []
        return self.warehouse.connection.execute(
            f"select * from warehouse.main.{table} where store_id = ? order by all", [store_id]
        ).fetchall()
