"""stores.yaml: what is wrong with it is said in one sentence."""

from pathlib import Path

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.stores import FeedOptions, Store, Stores, load_stores, save_stores

SHOP = """
stores:
  shop:
    currency: GBP
    timezone: Europe/London
"""


def write(folder: Path, content: str | bytes) -> Home:
    home = Home(folder)
    home.stores_file.write_bytes(content.encode() if isinstance(content, str) else content)
    return home


def test_stores_are_read_as_they_were_saved(tmp_path: Path) -> None:
    options = FeedOptions(required=True, max_rejected_pct=0)
    shop = Store(currency="NOK", timezone="Europe/Oslo", country="NO", fiscal_year_start_month=4)
    fed = shop.model_copy(update={"feeds": {"online_retail": options}, "name": "Bø & Sønn: 1"})
    stores = Stores(reporting_currency="EUR", stores={"no": shop, "off": fed})
    save_stores(Home(tmp_path / "new"), stores)
    assert load_stores(Home(tmp_path / "new")) == stores


@pytest.mark.parametrize("content", ["", "# all gone\n", "reporting_currency: EUR\n", "stores: {}"])
def test_a_stores_yaml_without_a_store_is_a_fault(tmp_path: Path, content: str) -> None:
    """One emptied by a failed edit or a full disk published an empty warehouse, exit code 0."""
    with pytest.raises(ConfigurationError, match=r"stores\.yaml names no store: .*restore it"):
        load_stores(write(tmp_path, content))


def test_a_home_without_stores_is_told_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"stores\.yaml is missing\. Make a home first"):
        load_stores(Home(tmp_path))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("stores: [", "is no valid YAML: line 1: expected the node content"),
        ("a:\n\tb: 1", "is no valid YAML: line 2: found character '\\t' that cannot start any"),
        (b"name: \xff", "is no valid YAML: unacceptable character #x00ff: invalid start byte"),
        ("just words", ": Input should be a valid dictionary"),
        ("[]", ": Input should be a valid dictionary"),
        ("shops: {}", ": shops: unknown key; known: reporting_currency, stores"),
        ("reporting_currency: pounds", ": reporting_currency: String should match pattern"),
        (
            "stores:\n  A 1: {currency: GBP, timezone: UTC}",
            ": stores: store id 'A 1' must be",
        ),
        ('stores:\n  "x\\n": {currency: GBP, timezone: UTC}', ": stores: store id 'x\n' must be"),
        ("stores:\n  shop:", ": stores.shop: Input should be a valid dictionary"),
        ("stores:\n  shop: {timezone: UTC}", ": stores.shop.currency: Field required"),
        (
            SHOP + "    colour: red",
            ": stores.shop.colour: unknown key; known: name, currency, timezone, c",
        ),
        (
            SHOP + "    feeds: {online_retail: {needed: true}}",
            ": stores.shop.feeds.online_retail.needed: unknown key; known: required, max_rej",
        ),
        (SHOP + "    country: UK!", ": stores.shop.country: String should match pattern"),
        (SHOP + "    country: NO", ": stores.shop.country: Input should be a valid string"),
        (SHOP + "    max_pending_days: -1", ": stores.shop.max_pending_days: Input should be gr"),
        (SHOP + "    stock_below_zero: maybe", ": stores.shop.stock_below_zero: Input should be"),
        (SHOP + "    fiscal_year_start_month: 13", ": stores.shop.fiscal_year_start_month: Input"),
        (SHOP + "    feeds: {shopware: {}}", ": stores.shop.feeds: there is no feed 'shopware'"),
        (
            SHOP + "    feeds: {online_retail: {max_rejected_pct: 101}}",
            ": stores.shop.feeds.online_retail.max_rejected_pct: Input should be less than or",
        ),
        (
            SHOP + "    feeds: {database_orders: {changes: {publication: p}}}",
            ": stores.shop.feeds: changes of 'database_orders' need url_env, and a `key`",
        ),
        (
            SHOP + "    feeds: {database_orders: {url_env: DB, changes: {}}}",
            ": stores.shop.feeds.database_orders.changes.publication: Field required",
        ),
    ],
)
def test_a_wrong_stores_yaml_is_answered_with_file_place_and_fault(
    tmp_path: Path, content: str | bytes, fault: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_stores(write(tmp_path, content))
    message = f"{caught.value}"
    assert message.startswith(f"{tmp_path / 'stores.yaml'}")
    assert fault in message
    assert message.count("\n") == fault.count("\n")


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Europe",
        "Europe/london",
        "GMT+25",
        "../UTC",
        "/UTC",
        "localtime",
        "posix/UTC",
        "right/Europe/London",
    ],
)
def test_a_zone_that_not_everybody_knows_is_none(tmp_path: Path, zone: str) -> None:
    """A continent alone was a traceback, and zones that only Python knows failed the load."""
    content = SHOP.replace("Europe/London", f"'{zone}'")
    with pytest.raises(ConfigurationError) as caught:
        load_stores(write(tmp_path, content))
    assert f"{caught.value}".endswith(
        f": stores.shop.timezone: '{zone}' is no IANA time zone (example: Europe/London)"
    )


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    content = "stores:\n  shop: {currency: gbp, timezone: Mars}"
    with pytest.raises(ConfigurationError, match=r"shop.currency: .*; stores.shop.timezone: 'Ma"):
        load_stores(write(tmp_path, content))


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("database_orders: {url_env: DB, token_env: T}", "'database_orders' is pulled from no API"),
        ("online_retail: {url_env: BUCKET, token_env: T}", "'online_retail' is pulled from no API"),
        ("simmart_campaign_spend_rest: {token_env: T}", "a token or key needs url_env too"),
        (
            "simmart_campaign_spend_rest: {url_env: A, token_env: T, api_key_env: K}",
            "say token_env or api_key_env, not both",
        ),
        (
            "simmart_campaign_spend_rest: {url_env: A, token_env: s3cret-token}",
            "token_env: String should match pattern",
        ),
    ],
)
def test_tokens_are_for_apis_and_stand_in_variables(tmp_path: Path, said: str, fault: str) -> None:
    text = f"stores: {{shop: {{currency: GBP, timezone: UTC, feeds: {{{said}}}}}}}"
    with pytest.raises(ConfigurationError, match=fault) as caught:
        load_stores(write(tmp_path, text))
    assert "s3cret" not in str(caught.value)


def test_a_url_in_the_place_of_its_variable_is_refused_without_being_shown(tmp_path: Path) -> None:
    feeds = "{database_orders: {url_env: 'postgresql://clerk:s3cret@db/shop'}}"
    text = f"stores: {{shop: {{currency: GBP, timezone: UTC, feeds: {feeds}}}}}"
    (tmp_path / "stores.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"database_orders\.url_env") as caught:
        load_stores(Home(tmp_path))
    assert "s3cret" not in str(caught.value)
