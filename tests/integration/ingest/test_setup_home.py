"""Making a home and adding stores to it."""

from pathlib import Path
from typing import Any

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.setup_home import add_store
from ecom_assets.stores import load_stores

SHOP = {"store_id": "shop", "feed": "online_retail"}
LONDON = SHOP | {"currency": "GBP", "timezone": "Europe/London"}


def add(home: Home, **changes: Any) -> Path:
    return add_store(home, **LONDON | changes).inbox


def test_a_new_home_has_a_store_an_inbox_and_a_dagster_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")
    inbox = add(home, country="GB")
    stores = load_stores(home)
    assert inbox.is_dir()
    assert inbox == home.inbox / "shop" / "online_retail"
    assert (stores.reporting_currency, stores.stores["shop"].country) == ("GBP", "GB")
    assert "telemetry:\n  enabled: false" in (home.dagster / "dagster.yaml").read_text()


def test_the_first_store_decides_the_reporting_currency(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add(home, currency="NOK", timezone="Europe/Oslo")
    add(home, store_id="other")
    stores = load_stores(home)
    assert stores.reporting_currency == "NOK"
    assert {name: store.currency for name, store in stores.stores.items()} == {
        "shop": "NOK",
        "other": "GBP",
    }


@pytest.mark.parametrize(("said", "reports"), [("", "NOK"), ("reporting_currency: EUR", "EUR")])
def test_a_store_may_be_added_where_stores_yaml_names_none(
    tmp_path: Path, said: str, reports: str
) -> None:
    home = Home(tmp_path)
    home.stores_file.write_text(said)
    add(home, currency="NOK")
    stores = load_stores(home)
    assert (stores.reporting_currency, list(stores.stores)) == (reports, ["shop"])


def test_adding_a_store_twice_changes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add(home, country="GB")
    before = home.stores_file.read_text()
    add(home)
    assert home.stores_file.read_text() == before


def test_adding_a_store_again_keeps_what_its_owner_has_written(tmp_path: Path) -> None:
    """`ecom init` on a store that was there reset its feed options and fiscal year."""
    home = Home(tmp_path)
    add(home, country="GB")
    text = home.stores_file.read_text()
    text = text.replace("online_retail: {}", "online_retail: {max_rejected_pct: 1.5}")
    home.stores_file.write_text(text.replace("max_pending_days: 3", "max_pending_days: 9"))
    before = load_stores(home)
    assert before.stores["shop"].max_pending_days == 9
    assert before.stores["shop"].feeds["online_retail"].max_rejected_pct == 1.5
    add(home)
    assert load_stores(home) == before


def test_a_dagster_yaml_that_somebody_changed_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add(home)
    (home.dagster / "dagster.yaml").write_text("# mine\n")
    add(home, store_id="other")
    assert (home.dagster / "dagster.yaml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"feed": "shopware"}, "There is no feed 'shopware'. Did you mean shopify_orders? "),
        ({"store_id": "My Shop"}, "store id 'My Shop' must be lower-case letters, digits and und"),
        ({"store_id": "../x"}, "store id '../x' must be lower-case letters, digits and undersc"),
        ({"store_id": "x\n"}, "store id 'x\n' must be lower-case letters, digits and undersco"),
        ({"currency": "pounds"}, "'pounds' is no ISO 4217 currency code (example: GBP)"),
        ({"timezone": "London"}, "'London' is no IANA time zone (example: Europe/London)"),
        ({"country": "UK!"}, "'UK!' is no ISO 3166 country code"),
    ],
)
def test_a_wrong_value_makes_no_store(tmp_path: Path, wrong: dict[str, str], message: str) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises(ConfigurationError) as caught:
        add(home, **wrong)
    assert message in f"{caught.value}"
    assert not home.root.exists()


@pytest.mark.parametrize(
    "changed", [{"currency": "EUR"}, {"timezone": "Europe/Paris"}, {"country": "FR"}]
)
def test_a_store_keeps_its_currency_clock_and_country(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    """The country was overwritten without a word."""
    home = Home(tmp_path)
    add(home, country="GB")
    before = home.stores_file.read_text()
    with pytest.raises(ConfigurationError, match="'shop' exists with GBP, Europe/London, GB: edit"):
        add(home, **changed)
    assert home.stores_file.read_text() == before


def test_what_is_added_to_a_store_is_told(tmp_path: Path) -> None:
    def added(**changes: Any) -> str:
        return add_store(Home(tmp_path), **LONDON | changes).what

    assert added() == "Added store 'shop' with feed 'online_retail'"
    assert added() == "Store 'shop' is unchanged"
    both = added(feed="shopify_products", country="GB")
    assert both == "Added feed 'shopify_products' and country GB to store 'shop'"


def test_a_stores_yaml_to_which_nothing_is_added_keeps_its_comments(tmp_path: Path) -> None:
    """`ecom init` given again wrote the file anew, without its owner's comments."""
    home = Home(tmp_path)
    add(home)
    text = "# ours\n" + home.stores_file.read_text()
    home.stores_file.write_text(text)
    add(home)
    assert home.stores_file.read_text() == text
