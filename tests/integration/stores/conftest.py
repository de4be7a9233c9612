"""A store of any kind, loaded from the files of its feeds; the figures that others published."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.stores import load_stores
from tests.harness.warehouse import Warehouse
from tests.integration.stores.warehouses import Files, Loader, Published

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def load_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """Loads one store from the files of its feeds; all identities must hold."""
    with ExitStack() as stack:

        def load(feeds: Mapping[str, Files], currency: str = "USD", zone: str = "UTC") -> Warehouse:
            home = Home(tmp_path_factory.mktemp("store"))
            for feed, files in feeds.items():
                inbox = add_store(home, "shop", feed, currency, zone).inbox
                for name, content in files.items():
                    data = content.encode() if isinstance(content, str) else content
                    (inbox / name).write_bytes(data)
            take_in(home, load_stores(home), None, "test", now=NOW)
            warehouse = stack.enter_context(Warehouse(home))
            assert warehouse.build()
            assert warehouse.failing_tests() == {}
            return warehouse

        yield load


@pytest.fixture(scope="session")
def published(test_data: Path) -> Published:
    """The figures that other people published, by data set and metric."""
    figures = json.loads((test_data / "published.json").read_text("utf-8"))["figures"]
    values = {(f["dataset"], f["metric"]): Decimal(str(f["value"])) for f in figures}
    return lambda dataset, metric: values[dataset, metric]
