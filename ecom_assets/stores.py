"""stores.yaml: which shops there are, on which clock, in which currency, fed by what."""

import re
import shlex
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ecom_assets.errors import ConfigurationError, explain
from ecom_assets.feeds import Feed, load_feed, load_feeds
from ecom_assets.feeds.changes import CHANGE, Changes
from ecom_assets.home import Home
from ecom_assets.replace_file import replace_text

IDENTIFIER = r"^[a-z][a-z0-9_]{0,62}\Z"

# Python knows these as zones, DuckDB does not; "localtime" would differ from machine to machine.
UNKNOWN_TO_DUCKDB = ("localtime", "posix/", "right/")

VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class FeedOptions(BaseModel):
    """What a store may say about one of its feeds.

    Attributes:
        required: A file of this feed that is set aside blocks publication.
        max_rejected_pct: Share of rejected rows (0-100) above which publication is blocked.
        url_env: The environment variable that holds the URL of the database or API from which the
            feed is pulled, or of the bucket in which its files lie. The URL itself is a secret and
            stands nowhere else.
        token_env: That of the token for an API: ``Authorization: Bearer``.
        api_key_env: That of the key for an API, where it wants one in a header of its own.
        api_key_header: The name of that header, ``X-API-Key`` if none is said.
        changes: Read the changes of the feed's table by logical replication, instead of what its
            feed.yaml says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    required: bool | None = None
    max_rejected_pct: float | None = Field(default=None, ge=0, le=100)
    url_env: VariableName | None = None
    changes: Changes | None = None
    token_env: VariableName | None = None
    api_key_env: VariableName | None = None
    api_key_header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+$")

    @model_validator(mode="after")
    def _has_one_secret(self) -> "FeedOptions":
        if self.token_env and self.api_key_env:
            raise ValueError("say token_env or api_key_env, not both")
        if (self.token_env or self.api_key_env) and not self.url_env:
            raise ValueError("a token or key needs url_env too: the variable of the API's URL")
        return self


class Store(BaseModel):
    """One shop with its own clock and currency.

    Attributes:
        name: What people call it.
        currency: ISO 4217 code of the store's one currency.
        timezone: IANA zone; days, hours and months are those of this zone.
        country: ISO 3166 alpha-2 code; decides which public holidays the calendar shows.
        fiscal_year_start_month: First month of the fiscal year, 1-12.
        max_pending_days: Days after which an unresolved row blocks.
        stock_below_zero: Whether a day that closes with stock below zero blocks or warns.
        feeds: The feeds that deliver for it, with their options.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = None
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    timezone: str
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    fiscal_year_start_month: int = Field(default=1, ge=1, le=12)
    max_pending_days: int = Field(default=3, ge=0)
    stock_below_zero: Literal["block", "warn"] = "block"
    feeds: dict[str, FeedOptions] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        fault = f"'{value}' is no IANA time zone (example: Europe/London)"
        if value.startswith(UNKNOWN_TO_DUCKDB):
            raise ValueError(fault)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: only a continent
            raise ValueError(fault) from error
        return value


class Stores(BaseModel):
    """The whole of stores.yaml.

    Attributes:
        reporting_currency: Currency of all ``*_base_amount`` columns.
        stores: Stores by id.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reporting_currency: str = Field(default="GBP", pattern=r"^[A-Z]{3}$")
    stores: dict[str, Store] = Field(default_factory=dict)

    @field_validator("stores")
    @classmethod
    def _plain_ids(cls, value: dict[str, Store]) -> dict[str, Store]:
        for store_id in value:
            if not re.match(IDENTIFIER, store_id):
                raise ValueError(
                    f"store id '{store_id}' must be lower-case letters, digits and underscores"
                )
        return value


def load_stores(home: Home) -> Stores:
    """Reads stores.yaml, which names a store at least.

    Raises:
        ConfigurationError: The file is missing, no YAML, says something we do not know, or names
            no store.
    """
    stores = read_stores(home)
    if not stores.stores:
        raise ConfigurationError(
            f"{home.stores_file} names no store: if it was emptied by mistake, restore it; else "
            f"add a store with: ecom init {shlex.quote(str(home.root))} --store ID ..."
        )
    return stores


def read_stores(home: Home) -> Stores:
    """Reads stores.yaml, which may name no store: to add one.

    Raises:
        ConfigurationError: The file is missing, no YAML, or says something we do not know.
    """
    path = home.stores_file
    if not path.is_file():
        raise ConfigurationError(
            f"{path} is missing. Make a home first: ecom init HOME --store ID --feed FEED "
            "--currency GBP --timezone Europe/London"
        )
    try:
        content = yaml.safe_load(path.read_bytes())
        stores = Stores.model_validate({} if content is None else content)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path} is no valid YAML: {_explain_yaml(error)}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {explain(error, Stores)}") from error
    for store_id, store in stores.stores.items():
        for name, options in store.feeds.items():
            if fault := _feed_fault(home, name, options):
                raise ConfigurationError(f"{path}: stores.{store_id}.feeds: {fault}")
    return stores


def feeds_in_use(home: Home, stores: Stores) -> dict[str, Feed]:
    """Returns the feeds that some store names, by name."""
    return load_feeds(home, (name for store in stores.stores.values() for name in store.feeds))


def pulled_feeds(stores: Stores) -> dict[tuple[str, str], str]:
    """Returns the feeds that are pulled, with the variables that hold their URLs."""
    return {
        (store_id, feed): options.url_env
        for store_id, store in stores.stores.items()
        for feed, options in store.feeds.items()
        if options.url_env
    }


def without_source(home: Home, stores: Stores) -> list[tuple[str, str]]:
    """Returns store and feed of what is pulled by its nature, but has no ``url_env``."""
    return [
        (store_id, feed)
        for store_id, store in stores.stores.items()
        for feed, options in store.feeds.items()
        if not options.url_env and load_feed(feed, home).pull
    ]


def pulled_feed(home: Home, stores: Stores, store: str, name: str) -> Feed:
    """Returns a feed as a store pulls it: the store may say that its changes are read."""
    feed = load_feed(name, home)
    changes = stores.stores[store].feeds[name].changes
    if feed.pull is None or changes is None:
        return feed
    return feed.model_copy(update={"pull": feed.pull.model_copy(update={"changes": changes})})


def _feed_fault(home: Home, name: str, options: FeedOptions) -> str | None:
    try:
        feed = load_feed(name, home)
    except ConfigurationError as error:
        told = str(error)
        return f"{told[0].lower()}{told[1:]}"
    if options.changes and not (
        options.url_env and feed.pull and feed.pull.table and feed.pull.key
    ):
        return f"changes of '{name}' need url_env, and a `key` in the `pull` of its feed.yaml"
    if options.changes and feed.change_column is None:
        return f"changes of '{name}' need a column of type integer with the header {CHANGE}"
    if (options.token_env or options.api_key_env) and not (feed.pull and feed.pull.rest):
        return f"feed '{name}' is pulled from no API: a token or key of it stands in its URL"
    return None


def save_stores(home: Home, stores: Stores) -> None:
    """Replaces stores.yaml, leaving out what is not said (and comments)."""
    text = yaml.safe_dump(stores.model_dump(exclude_none=True), sort_keys=False)
    replace_text(home.stores_file, text, durable=True)


def _explain_yaml(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error).splitlines()[0]
