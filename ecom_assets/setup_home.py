"""Making a home and adding stores to it."""

import re
from pathlib import Path

import pycountry
from pydantic import ValidationError

from ecom_assets.dagster_home import ensure_dagster_home
from ecom_assets.errors import ConfigurationError, explain
from ecom_assets.feeds import load_feed
from ecom_assets.home import Home
from ecom_assets.stores import (
    IDENTIFIER,
    FeedOptions,
    Store,
    Stores,
    load_stores,
    save_stores,
)


def add_store(
    home: Home, store_id: str, feed: str, currency: str, timezone: str, country: str | None = None
) -> Path:
    """Makes a home if need be and adds a store with one feed, or a feed to a store.

    Returns:
        The folder into which files of this store and feed belong.

    Raises:
        ConfigurationError: The feed is unknown, a value is wrong, or the store exists with
            another currency or zone.
    """
    load_feed(feed)
    _known_codes(currency, country)
    if not re.match(IDENTIFIER, store_id):
        raise ConfigurationError(
            f"store id '{store_id}' must be lower-case letters, digits and underscores"
        )
    stores = (
        load_stores(home) if home.stores_file.is_file() else Stores(reporting_currency=currency)
    )
    held = stores.stores.get(store_id)
    if held and (held.currency, held.timezone) != (currency, timezone):
        raise ConfigurationError(
            f"store '{store_id}' exists with {held.currency} and {held.timezone}: "
            f"edit {home.stores_file} to change it"
        )
    feeds = held.feeds if held else {}
    said = held.model_dump(exclude_none=True) if held else {"name": store_id, "country": None}
    values = said | {"currency": currency, "timezone": timezone}
    values |= {"country": country} if country else {}
    values |= {"feeds": {**feeds, feed: feeds.get(feed, FeedOptions())}}
    try:
        store = Store.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(explain(error)) from error
    save_stores(home, stores.model_copy(update={"stores": {**stores.stores, store_id: store}}))
    ensure_dagster_home(home)
    inbox = home.feed_inbox(store_id, feed)
    inbox.mkdir(parents=True, exist_ok=True)
    return inbox


def _known_codes(currency: str, country: str | None) -> None:
    """Refuses slips of the pen; stores.yaml takes codes that ISO has given up since."""
    if not (currency.isupper() and pycountry.currencies.get(alpha_3=currency)):
        raise ConfigurationError(f"'{currency}' is no ISO 4217 currency code (example: GBP)")
    if country and not (country.isupper() and pycountry.countries.get(alpha_2=country)):
        raise ConfigurationError(
            f"'{country}' is no ISO 3166 country code (example: GB, for the United Kingdom)"
        )
