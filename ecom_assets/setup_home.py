"""Making a home and adding stores to it."""

import re
from dataclasses import dataclass
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
    read_stores,
    save_stores,
)


@dataclass(frozen=True)
class Added:
    """What was done about a store and feed.

    Attributes:
        what: It in words.
        inbox: The folder into which their files belong.
        reporting_currency: That of the reports, where this store is the first and decided it.
    """

    what: str
    inbox: Path
    reporting_currency: str | None = None


def add_store(
    home: Home, store_id: str, feed: str, currency: str, timezone: str, country: str | None = None
) -> Added:
    """Makes a home if need be and adds a store with one feed, or a feed to a store.

    What stores.yaml says already is never changed; a country it does not say is added.

    Raises:
        ConfigurationError: The feed is unknown, a value is wrong, or the store exists with
            another currency, zone or country.
    """
    load_feed(feed, home)
    known_codes(currency, country)
    if not re.match(IDENTIFIER, store_id):
        raise ConfigurationError(
            f"store id '{store_id}' must be lower-case letters, digits and underscores"
        )
    stores = _stores_so_far(home, currency)
    held = stores.stores.get(store_id)
    if held:
        _refuse_another(home, store_id, held, (currency, timezone, country))
    feeds = held.feeds if held else {}
    said = held.model_dump(exclude_none=True) if held else {"name": store_id, "country": None}
    values = said | {"currency": currency, "timezone": timezone}
    values |= {"country": country} if country else {}
    values |= {"feeds": {**feeds, feed: feeds.get(feed, FeedOptions())}}
    try:
        store = Store.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(explain(error, Store)) from error
    if store != held:  # writing it anew loses its owner's comments
        save_stores(home, stores.model_copy(update={"stores": {**stores.stores, store_id: store}}))
    ensure_dagster_home(home)
    inbox = home.feed_inbox(store_id, feed)
    inbox.mkdir(parents=True, exist_ok=True)
    decided = None if stores.stores else stores.reporting_currency
    return Added(_what_changed(store_id, held, store), inbox, decided)


def _stores_so_far(home: Home, currency: str) -> Stores:
    """Returns the stores of a home; the first store decides the currency of the reports."""
    held = read_stores(home) if home.stores_file.is_file() else Stores()
    if held.stores or "reporting_currency" in held.model_fields_set:
        return held
    return Stores(reporting_currency=currency)


def _refuse_another(
    home: Home, store_id: str, held: Store, said: tuple[str, str, str | None]
) -> None:
    """Refuses values other than those that stores.yaml has; what is not said is no other value."""
    known = (held.currency, held.timezone, held.country)
    if any(new and old and new != old for old, new in zip(known, said, strict=True)):
        values = ", ".join(filter(None, known))
        raise ConfigurationError(
            f"store '{store_id}' exists with {values}: edit {home.stores_file} to change it"
        )


def _what_changed(store_id: str, held: Store | None, store: Store) -> str:
    if held is None:
        return f"Added store '{store_id}' with feed '{next(iter(store.feeds))}'"
    changes = [f"feed '{name}'" for name in store.feeds if name not in held.feeds]
    changes += [f"country {store.country}"] if store.country != held.country else []
    if not changes:
        return f"Store '{store_id}' is unchanged"
    return f"Added {' and '.join(changes)} to store '{store_id}'"


def known_codes(currency: str, country: str | None = None) -> None:
    """Refuses slips of the pen; stores.yaml takes codes that ISO has given up since.

    Raises:
        ConfigurationError: The currency or the country is none of ISO 4217 or ISO 3166.
    """
    if not (currency.isupper() and pycountry.currencies.get(alpha_3=currency)):
        raise ConfigurationError(f"'{currency}' is no ISO 4217 currency code (example: GBP)")
    if country and not (country.isupper() and pycountry.countries.get(alpha_2=country)):
        raise ConfigurationError(
            f"'{country}' is no ISO 3166 country code (example: GB, for the United Kingdom)"
        )
