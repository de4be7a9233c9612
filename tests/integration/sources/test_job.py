"""Databases through the whole job: pulled first, told when out of reach, never with their URL."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ecom_assets.definitions import defs
from ecom_assets.home import Home
from ecom_assets.ingest.assets import SETTLED_BEFORE_TAG
from ecom_assets.ingest.journal import read_journal
from ecom_assets.partitions import range_tags
from ecom_assets.publish.query import ask
from ecom_assets.settings import settings, use_home
from tests.integration.sources.shop import VARIABLE, DatabaseShop

pytestmark = pytest.mark.integration

SECRET_URL = "postgresql://clerk:s3cr3t%2Bword@127.0.0.1:9/ledger"  # noqa: S105
SECRETS = ("s3cr3t", "clerk", "ledger", "127.0.0.1")
ECOM = Path(sys.executable).parent / "ecom"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseShop]:
    made = DatabaseShop(tmp_path)
    monkeypatch.setenv(VARIABLE, made.url)
    use_home(made.home.root)
    yield made
    settings.cache_clear()


def ecom(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ECOM, *arguments, "--home", str(home.root)], capture_output=True, text=True, check=False
    )


@pytest.mark.deep
def test_a_run_pulls_loads_and_publishes_and_tells_what_it_could_not_reach(
    shop: DatabaseShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = ecom(shop.home, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "shop/database_orders: pulled 2 rows" in done.stdout
    orders = "select order_id, net_amount from fact_sales where is_valid order by 1"
    assert [(order, float(net)) for order, net in ask(shop.home, orders).rows] == [
        ("100", 3.0),
        ("101", 7.25),
    ]
    monkeypatch.setenv(VARIABLE, SECRET_URL)
    failed = ecom(shop.home, "run")
    assert failed.returncode == 0, failed.stdout + failed.stderr
    assert "shop/database_orders was not pulled: the database that MY_SHOP_DB" in failed.stderr
    status = ecom(shop.home, "status").stdout
    assert "not pulled: shop/database_orders" in status
    assert "warning: sources_reached: 4 feeds not pulled from the source" in status
    written = [p.read_bytes().decode("latin-1") for p in shop.home.root.rglob("*") if p.is_file()]
    seen = [*written, failed.stdout, failed.stderr, status]
    assert not [secret for secret in SECRETS if any(secret in text for text in seen)]
    monkeypatch.setenv(VARIABLE, shop.url)
    shop.run("delete from orders where order_id = 101; delete from products where name = 'Ink'")
    assert ecom(shop.home, "run").returncode == 0
    assert [order for order, _ in ask(shop.home, orders).rows] == ["100"]
    assert "sources_reached" not in ecom(shop.home, "status").stdout


def materialise(tags: dict[str, str]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        selection = dg.AssetSelection.groups("raw").materializable()
        job = dg.define_asset_job("raw", selection=selection.without_checks())
        whole = dg.Definitions.merge(defs, dg.Definitions(jobs=[job]))
        run = whole.resolve_job_def("raw").execute_in_process(instance=instance, tags=tags)
        assert run.success


def test_the_job_pulls_first_but_not_when_the_sensor_asks_about_files(shop: DatabaseShop) -> None:
    month = range_tags("2026-03", "2026-03")
    materialise({**month, SETTLED_BEFORE_TAG: "1"})
    assert read_journal(shop.home.journal) == []
    materialise(month)
    assert len(read_journal(shop.home.journal)) == 4


def test_pulling_alone_fills_the_inbox_and_fails_where_a_database_does(
    shop: DatabaseShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = ecom(shop.home, "pull", "--feed", "database_orders")
    assert (done.returncode, done.stdout.strip()) == (0, "shop/database_orders: pulled 2 rows")
    assert read_journal(shop.home.journal) == []
    monkeypatch.delenv(VARIABLE)
    assert ecom(shop.home, "pull").returncode == 1
    unknown = ecom(shop.home, "pull", "--store", "nobody")
    assert "there is no store 'nobody'. Known stores: shop" in unknown.stderr
    unknown = ecom(shop.home, "pull", "--store", "shop", "--feed", "nothing")
    assert "shop/nothing is pulled from no source. Pulled are: shop/" in unknown.stderr
