"""Simulating stores into a home's inbox, and going on from where the last call stopped."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecom_assets.errors import ConfigurationError, explain
from ecom_assets.home import Home
from ecom_assets.months import present_day
from ecom_assets.replace_file import replace_text
from ecom_assets.settings import source_secret
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.database import write_database
from ecom_assets.simmart.delivery import Delivered, deliver
from ecom_assets.simmart.dirt import dirt_rates
from ecom_assets.simmart.plan import GROWTH, MARKETS, Plan, plan_store, scale_of
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES
from ecom_assets.simmart.truth import write_truth
from ecom_assets.sources.databases.address import parse_address
from ecom_assets.stores import load_stores

MOST_GROWTH = 10


class Simulation(BaseModel):
    """What makes the bytes of a home's simulated stores, and how far they are written.

    Attributes:
        scale: Name of the scale.
        seed: What all chance depends on.
        stores: How many stores.
        start: First day.
        end: Last day written.
        reporting_currency: Of the home's reports; rates are told in it.
        dirt: How much of each kind of dirt is delivered.
        growth: By what share of its first day a shop draws more orders after each year.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scale: str
    seed: int
    stores: int = Field(ge=1)
    start: date
    end: date
    reporting_currency: str = "EUR"
    dirt: dict[str, float] = Field(default_factory=dict)
    growth: float = Field(default=GROWTH, ge=0, le=MOST_GROWTH)

    def plan(self, number: int) -> Plan:
        """Returns what is simulated of the store with this number, from 0.

        Raises:
            ConfigurationError: The scale is unknown, or the end comes before the start.
        """
        days = (self.start, self.end)
        plain = plan_store(number, self.seed, self.scale, days, self.reporting_currency)
        return replace(plain, dirt=self.dirt, growth=self.growth)


@dataclass(frozen=True)
class Written:
    """What was written for one store.

    Attributes:
        store: Its id.
        kinds: The files, by kind.
        database: Rows by table, where a database was written too.
    """

    store: str
    kinds: tuple[Delivered, ...]
    database: Mapping[str, int] = field(default_factory=dict[str, int])


def remembered(home: Home) -> Simulation | None:
    """Returns the home's simulation, None if it has none.

    Raises:
        ConfigurationError: What is noted of it is damaged.
    """
    if not home.simulation.is_file():
        return None
    try:
        return Simulation.model_validate_json(home.simulation.read_bytes())
    except ValidationError as error:
        raise ConfigurationError(
            f"{home.simulation} is damaged ({explain(error, Simulation)}): restore it, or simulate "
            "into another home"
        ) from error


def simulation(  # noqa: PLR0913 - each is what makes the bytes
    home: Home,
    scale: str | None = None,
    seed: int | None = None,
    stores: int | None = None,
    days: tuple[date | None, date | None] = (None, None),
    dirt: Sequence[str] = (),
    *,
    growth: float | None = None,
) -> Simulation:
    """Returns what is asked for; what is not said is as the home's simulation, or the default.

    The last day is yesterday unless said; the first so that the scale's days end there.

    Raises:
        ConfigurationError: There is no such scale, dirt or growth, or the last day has not begun
            anywhere.
    """
    held = remembered(home)
    name = scale if scale is not None else (held.scale if held else "demo")
    now = datetime.now(UTC)
    end = days[1] or now.date() - timedelta(days=1)
    if end > present_day(now):
        raise ConfigurationError(
            f"--end {end} is a day to come, whose files no load would take: the last day can be "
            f"{present_day(now)}"
        )
    if growth is not None and not 0 <= growth <= MOST_GROWTH:
        raise ConfigurationError(
            f"--growth {growth:g} is no share from 0, where a shop does not grow, to {MOST_GROWTH}"
        )
    start = days[0] or (held.start if held else end - timedelta(days=scale_of(name).days - 1))
    return Simulation(
        scale=name,
        seed=seed if seed is not None else (held.seed if held else 1),
        stores=stores or (held.stores if held else 1),
        start=start,
        end=end,
        reporting_currency=_reporting_currency(home),
        dirt=dirt_rates(dirt) if dirt or held is None else held.dirt,
        growth=growth if growth is not None else (held.growth if held else GROWTH),
    )


def simulate(home: Home, wanted: Simulation, database: str | None = None) -> list[Written]:
    """Writes the days of all stores that are not written yet; earlier ones stay as they are.

    Args:
        home: The home.
        wanted: What to simulate, and up to which day.
        database: The environment variable with the URL of a database that gets the tables of the
            first store.

    Raises:
        ConfigurationError: The home's simulation is another one (scale, seed, start, growth, dirt,
            currency), or has more stores, or the database holds another one.
        SourceError: The variable holds no URL, and nothing was written; or the database cannot be
            reached or written, and the files are there.
    """
    if database:
        parse_address(database, source_secret(database))  # before a year is written in vain
    held = remembered(home)
    _refuse_another(home, held, wanted)
    found: list[Written] = []
    first_shop: Shop | None = None
    for number in range(wanted.stores):
        plan = wanted.plan(number)
        market = plan.market
        for feed in TABLES:
            add_store(home, plan.store, feed, market.currency, market.timezone, market.country)

        def folder(feed: str, store: str = plan.store) -> Path:
            return home.feed_inbox(store, feed)

        is_known = held is not None and number < held.stores
        first_day = (held.end - held.start).days + 1 if held and is_known else 0
        shop = Shop(plan)
        first_shop = first_shop or shop
        kinds = tuple(deliver(shop, folder, first_day))
        write_truth(shop, kinds, home.truth / plan.store)
        found.append(Written(plan.store, kinds))
    _remember(home, wanted)  # the files are there, whatever becomes of the database
    if database and first_shop:
        found[0] = replace(found[0], database=write_database(home, first_shop, database))
    return found


def dirt_counts(written: Iterable[Written]) -> Counter[str]:
    """Returns how much dirt of each kind there is in all days so far."""
    return Counter(
        kind for store in written for each in store.kinds for kind in each.dirt["kind"].to_list()
    )


def _reporting_currency(home: Home) -> str:
    """Returns that of the home's reports; the first store of a new home decides it."""
    if home.stores_file.is_file():
        return load_stores(home).reporting_currency
    return MARKETS[0].currency


def _refuse_another(home: Home, held: Simulation | None, wanted: Simulation) -> None:
    if held is None:
        return
    for name in ("scale", "seed", "start", "reporting_currency", "dirt", "growth"):
        if getattr(held, name) != getattr(wanted, name):
            raise ConfigurationError(
                f"{home.root} holds a simulation of {name} {_said(held, name)}, not "
                f"{_said(wanted, name)}: go on with that, or simulate into another home"
            )
    if wanted.stores < held.stores:
        raise ConfigurationError(f"{home.root} already has {held.stores} simulated stores")
    if wanted.end < held.end:
        raise ConfigurationError(f"{home.root} is already simulated up to {held.end}")


def _said(simulation: Simulation, name: str) -> str:
    """Returns a value as the command line takes it."""
    value = getattr(simulation, name)
    if not isinstance(value, dict):
        return str(value)
    return " ".join(f"{kind}={rate:g}" for kind, rate in simulation.dirt.items()) or "none"


def _remember(home: Home, simulation: Simulation) -> None:
    text = json.dumps(simulation.model_dump(mode="json"), indent=1)
    replace_text(home.simulation, text, durable=True)
