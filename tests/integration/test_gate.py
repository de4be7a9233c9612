"""Faulty deliveries end to end: the tolerant configuration publishes, the blocking one refuses."""

from datetime import date
from pathlib import Path

import pytest

from ecom_assets.duck import warehouse_connection
from ecom_assets.home import Home
from ecom_assets.publish.query import ask
from ecom_assets.publish.versions import current_version
from ecom_assets.settings import settings, use_home
from ecom_assets.simmart.simulate import simulate, simulation
from ecom_assets.status import describe_home, quarantined
from ecom_assets.stores import FeedOptions, Stores, load_stores, save_stores
from tests.corrupted import deliver_corrupted_week
from tests.integration.conftest import FEED, STORE, deliver, load

pytestmark = pytest.mark.integration


def set_options(home: Home, options: FeedOptions) -> None:
    """Changes what stores.yaml says about the feed."""
    stores = load_stores(home)
    store = stores.stores[STORE].model_copy(update={"feeds": {FEED: options}})
    save_stores(home, Stores(reporting_currency="GBP", stores={STORE: store}))


@pytest.fixture
def corrupted(home: Home) -> Home:
    """A home with the corrupted sample week in its inbox."""
    deliver_corrupted_week(home.feed_inbox(STORE, FEED))
    return home


@pytest.mark.deep
def test_the_tolerant_configuration_publishes_what_is_right(corrupted: Home) -> None:
    result = load(corrupted)
    assert result.published
    assert result.read.quarantined > 0
    assert len(result.read.set_aside) == 2
    lines = ask(corrupted, "select sum(delivered_rows), sum(accepted_rows) from kpi_data_quality")
    in_facts = ask(
        corrupted,
        "select (select count(*) from fact_sales) + (select count(*) from fact_returns)"
        " + (select count(*) from fact_inventory_movements)",
    )
    assert lines.rows[0][1] == in_facts.rows[0][0]
    assert quarantined(corrupted, None, 100).total == lines.rows[0][0] - lines.rows[0][1]
    assert any("warning: files_readable" in line for line in describe_home(corrupted))


def test_the_blocking_configuration_refuses_and_the_mended_delivery_publishes(
    home: Home,
) -> None:
    deliver(home, "2011-08-07.csv")
    assert load(home).published
    before = current_version(home)
    set_options(home, FeedOptions(required=True, max_rejected_pct=0))
    deliver_corrupted_week(home.feed_inbox(STORE, FEED))
    result = load(home)
    assert not result.published
    assert {red.name for red in result.reds} >= {"files_readable", "rejected_share_within_limit"}
    assert all(red.rows for red in result.reds)
    assert any(line.startswith("red: files_readable") for line in describe_home(home))
    assert current_version(home) == before
    deliver(home)
    assert load(home).published
    assert current_version(home) != before


def changes(home: Home) -> list[tuple[object, ...]]:
    """Returns the days from which something has changed that is still to be judged green."""
    with warehouse_connection(home) as connection:
        return connection.execute(
            "select distinct changed_on from staging.state.changes"
        ).fetchall()


@pytest.mark.deep
def test_a_red_dbt_test_refuses_until_what_it_misses_is_delivered(tmp_path: Path) -> None:
    """A run over another month makes nothing green: what has changed is judged until it is.

    A store that came after the first red load, before anything was published, had no facts.
    """
    use_home(tmp_path / "home")
    home = Home.current()
    days = (date(2026, 2, 23), date(2026, 3, 1))
    simulate(home, simulation(home, "demo", 1, 1, days))
    (store,) = load_stores(home).stores
    held_back = home.feed_inbox(store, "simmart_orders") / "orders-2026-02-23.csv"
    orders = held_back.read_bytes()
    held_back.unlink()
    for months in (("2026-02", "2026-03"), ("2026-03", "2026-03")):
        result = load(home, *months)
        assert not result.published
        (red,) = result.reds
        assert red.name == "assert_pending_rows_are_young"
        assert red.reason.startswith("A row that nothing resolves within the allowed days blocks")
        assert "or raise max_pending_days in stores.yaml. Rows that break this:" in red.reason
        assert red.found >= len(red.rows)
        assert red.rows[0]["reason"] == "order_missing"
        assert red.rows[0]["source_file"] == "order_items-2026-02-23.csv"
        assert changes(home)
    assert current_version(home) is None
    simulate(home, simulation(home, "demo", 1, 2, days))
    held_back.write_bytes(orders)
    assert load(home, "2026-02", "2026-03").published
    assert not changes(home)
    of_stores = ask(home, "select distinct store_id from fact_sales order by 1").rows
    assert [row[0] for row in of_stores] == list(load_stores(home).stores)
    assert len(of_stores) == 2
    settings.cache_clear()
