"""What is simulated: how large a shop, from which day on, on which clock and in which currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from ecom_assets.errors import ConfigurationError
from ecom_assets.simmart.chance import Chance, Ints

GROWTH = 0.25  # a year


@dataclass(frozen=True)
class Scale:
    """A size of shop.

    Attributes:
        customers: Customers at the end of the nominal days.
        products: Products of the catalogue by then.
        stocked: How many of them lie in the shop's own warehouses; the rest is drop-shipped.
        orders: Orders of the nominal days.
        campaigns: Campaigns that begin within the nominal days.
        visits: Web sessions of the nominal days that the shop's tracking sees.
        days: The nominal days; a simulation may be shorter or go on beyond them.
    """

    customers: int
    products: int
    stocked: int
    orders: int
    campaigns: int
    visits: int
    days: int

    def times(self, factor: int) -> "Scale":
        """Returns a shop with so many times the rows on the same days."""
        return Scale(
            self.customers * factor,
            self.products * factor,
            self.stocked * factor,
            self.orders * factor,
            self.campaigns * factor,
            self.visits * factor,
            self.days,
        )


SCALES = {
    "demo": Scale(10_000, 500, 400, 50_000, 60, 40_000, 90),
    "s3": Scale(100_000, 50_000, 9_500, 500_000, 10_000, 200_000, 365),
}
SCALES["x10"] = SCALES["s3"].times(10)


@dataclass(frozen=True)
class Market:
    """Where a shop sells: its clock, its currency and the countries its customers live in.

    Attributes:
        country: ISO 3166 code of the home country.
        currency: ISO 4217 code.
        minor_units: Decimals of the currency.
        price_level: What costs 1 in the catalogue's own money costs this many units here.
        timezone: IANA zone.
        euros: What one unit of the currency is worth, roughly.
    """

    country: str
    currency: str
    minor_units: int
    price_level: int
    timezone: str
    euros: float


MARKETS = (
    Market("DE", "EUR", 2, 1, "Europe/Berlin", 1.0),
    Market("US", "USD", 2, 1, "America/New_York", 0.92),
    Market("JP", "JPY", 0, 150, "Asia/Tokyo", 0.0062),
    Market("GB", "GBP", 2, 1, "Europe/London", 1.17),
    Market("AU", "AUD", 2, 2, "Australia/Sydney", 0.61),
)


@dataclass(frozen=True)
class Plan:
    """One store's simulation.

    Attributes:
        store: The store's id.
        seed: What all chance depends on.
        scale: The shop's size.
        start: First simulated day, on the store's clock.
        days: Simulated days; those beyond do not change those before.
        market: The store's market.
        reporting: The currency of the home's reports, in which rates are told.
        dirt: How much of each kind of dirt is delivered, by kind (see ``dirt.py``).
        growth: By what share of its first day the shop draws more orders after each year.
    """

    store: str
    seed: int
    scale: Scale
    start: date
    days: int
    market: Market
    reporting: str
    dirt: Mapping[str, float] = field(default_factory=dict[str, float])
    growth: float = GROWTH

    @property
    def chance(self) -> Chance:
        """The draws of this store."""
        return Chance(self.seed, self.store)

    @property
    def rate(self) -> float:
        """What one unit of the store's currency is worth in the reporting currency, roughly."""
        euros = {market.currency: market.euros for market in MARKETS}
        return self.market.euros / euros.get(self.reporting, 1.0)

    @property
    def end(self) -> date:
        """Last simulated day."""
        return self.start + timedelta(days=self.days - 1)

    def day(self, number: int) -> date:
        """Returns the calendar day of a simulated day."""
        return self.start + timedelta(days=int(number))

    @cached_property
    def midnights(self) -> Ints:
        """Seconds since 1970 (UTC) at which each simulated day begins, and the one after them."""
        zone = ZoneInfo(self.market.timezone)
        return np.array(
            [
                int(datetime.combine(self.day(d), time(), zone).astimezone(UTC).timestamp())
                for d in range(self.days + 1)
            ],
            dtype=np.int64,
        )

    def day_of(self, instants: Ints) -> Ints:
        """Returns the simulated day of each instant; `days` for those after the end."""
        return np.searchsorted(self.midnights, instants, side="right") - 1


def scale_of(name: str) -> Scale:
    """Returns a scale by its name.

    Raises:
        ConfigurationError: There is no such scale.
    """
    if name not in SCALES:
        raise ConfigurationError(f"there is no scale '{name}': choose {', '.join(SCALES)}")
    return SCALES[name]


def plan_store(
    number: int, seed: int, scale: str, days: tuple[date, date], reporting: str = "EUR"
) -> Plan:
    """Returns the plan of the store with this number, from 0, over first and last day.

    Raises:
        ConfigurationError: The scale is unknown, or the end comes before the start.
    """
    start, end = days
    if end < start:
        raise ConfigurationError(f"the end {end} comes before the start {start}")
    market = MARKETS[number % len(MARKETS)]
    store = "simmart" if number == 0 else f"simmart_{number + 1}"
    return Plan(store, seed, scale_of(scale), start, (end - start).days + 1, market, reporting)
