"""The products: what there is, from when to when, at which price and cost on which day.

Prices, costs and categories change at midnight on the store's clock: the truth behind the history
of products. All money is in the currency's smallest coin.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecom_assets.simmart.chance import Chance, Floats, Ints
from ecom_assets.simmart.plan import Plan

HELD_BEFORE = 0.85  # share of the nominal products that are on sale from the first day
CHANGES = 4  # at most so many of a kind for one product
DAYS_BETWEEN_PRICES = 150.0
DAYS_BETWEEN_COSTS = 250.0
MORTAL_SHARE = 0.3
SHORTEST_LIFE, LONGEST_LIFE = 60, 700
POPULARITY_SPREAD = 1.4

CATEGORIES: dict[str, tuple[str, ...]] = {
    "kitchen": ("cookware", "tableware", "storage", "small appliances"),
    "home": ("lighting", "textiles", "decoration", "furniture"),
    "garden": ("tools", "plants", "furniture", "grill"),
    "toys": ("board games", "building", "outdoor", "plush"),
    "sports": ("fitness", "cycling", "camping", "ball games"),
    "beauty": ("skin care", "fragrance", "hair care", "make-up"),
    "stationery": ("paper", "pens", "office", "party"),
    "electronics": ("audio", "cables", "smart home", "accessories"),
}
MEDIAN_PRICE = (2400, 3500, 2900, 1900, 3200, 1500, 800, 4500)
NOUNS = np.array(
    ["Set", "Box", "Lamp", "Bowl", "Kit", "Pack", "Stand", "Mat", "Case", "Rack", "Roll", "Frame"]
)
ADJECTIVES = np.array(
    [
        "Classic",
        "Nordic",
        "Compact",
        "Foldable",
        "Soft",
        "Bright",
        "Vintage",
        "Pure",
        "Urban",
        "Eco",
    ]
)
BRANDS = np.array(
    ["Alba", "Borea", "Corvo", "Delmar", "Estra", "Fjordan", "Granit", "Halden", "Isola", "Juno"]
)
SUPPLIERS = np.array([f"supplier {number:02d}" for number in range(1, 26)])


@dataclass(frozen=True)
class Catalogue:
    """The products of a plan, by position: those launched first come first."""

    plan: Plan

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.plan.chance

    @cached_property
    def held(self) -> int:
        """How many are on sale from the first day."""
        return round(self.plan.scale.products * HELD_BEFORE)

    @cached_property
    def by_day(self) -> Ints:
        """How many have been launched by the end of each day."""
        gained = self.plan.scale.products - self.held
        days = np.arange(1, self.plan.days + 1, dtype=np.int64)
        return self.held + gained * days // self.plan.scale.days

    @cached_property
    def positions(self) -> Ints:
        """The position of every product."""
        return np.arange(self.by_day[-1], dtype=np.int64)

    @cached_property
    def launch_day(self) -> Ints:
        """The first day of each product."""
        later = np.searchsorted(self.by_day, self.positions[self.held :], side="right")
        return np.concatenate([np.zeros(self.held, dtype=np.int64), later])

    @cached_property
    def last_day(self) -> Ints:
        """The last day of each product, `days` where it is sold to the end and beyond."""
        life = self.chance.whole("life", SHORTEST_LIFE, LONGEST_LIFE, self.positions)
        return np.minimum(
            np.where(self.is_mortal, self.launch_day + life, self.plan.days), self.plan.days
        )

    @cached_property
    def is_mortal(self) -> NDArray[np.bool_]:
        """Which products will be taken off the shelves one day."""
        return self.chance.happens("mortal", MORTAL_SHARE, self.positions)

    @cached_property
    def popularity(self) -> Floats:
        """How often each is bought, in arbitrary units."""
        return self.chance.lognormal("popularity", POPULARITY_SPREAD, self.positions)

    @cached_property
    def stocked(self) -> NDArray[np.bool_]:
        """Which products lie in the shop's own warehouses; the rest is drop-shipped."""
        return self.positions < self.plan.scale.stocked

    @cached_property
    def category(self) -> Ints:
        """The position of the category each product began in."""
        return self.chance.whole("category", 0, len(CATEGORIES) - 1, self.positions)

    @cached_property
    def price_day(self) -> Ints:
        """The day of each price change (products x changes), `days` for none."""
        return self._change_days("price", DAYS_BETWEEN_PRICES)

    @cached_property
    def cost_day(self) -> Ints:
        """The day of each cost change (products x changes), `days` for none."""
        return self._change_days("cost", DAYS_BETWEEN_COSTS)

    @cached_property
    def prices(self) -> Ints:
        """The price after so many changes (products x changes + 1)."""
        base = np.array(MEDIAN_PRICE)[self.category] * self.chance.lognormal(
            "base price", 0.7, self.positions
        )
        steps = 1 + self._steps("price step", 0.06)
        return self._coins(base[:, None] * steps, ends_in=99)

    @cached_property
    def costs(self) -> Ints:
        """The unit cost after so many changes (products x changes + 1)."""
        share = 0.4 + 0.25 * self.chance.uniform("cost share", self.positions)
        steps = 1 + self._steps("cost step", 0.04)
        return self._coins((self._own_money(self.prices[:, 0]) * share)[:, None] * steps)

    def price(self, products: Ints, day: Ints) -> Ints:
        """Returns the price of each product on a day."""
        return self.prices[products, (self.price_day[products] <= day[:, None]).sum(axis=1)]

    def cost(self, products: Ints, day: Ints) -> Ints:
        """Returns the unit cost of each product on a day."""
        return self.costs[products, (self.cost_day[products] <= day[:, None]).sum(axis=1)]

    def _change_days(self, purpose: str, mean: float) -> Ints:
        number = np.arange(CHANGES)
        gaps = 1 + np.floor(
            self.chance.exponential(f"{purpose} gap", self.positions[:, None], number) * mean
        ).astype(np.int64)
        days = self.launch_day[:, None] + np.cumsum(gaps, axis=1)
        return np.where(
            days <= self.last_day[:, None], np.minimum(days, self.plan.days), self.plan.days
        )

    def _steps(self, purpose: str, spread: float) -> Floats:
        """Returns what a price or cost has moved by since the launch, as a share of the first."""
        number = np.arange(1, CHANGES + 1)
        moves = np.clip(
            0.02 + spread * self.chance.normal(purpose, self.positions[:, None], number), -0.25, 0.3
        )
        return np.concatenate(
            [np.zeros((len(self.positions), 1)), np.cumsum(moves, axis=1)], axis=1
        )

    def _own_money(self, coins: Ints) -> Floats:
        """Returns amounts in the market's coins in the catalogue's own money (hundredths)."""
        hundredths = coins * 100 if self.plan.market.minor_units == 0 else coins
        return hundredths / self.plan.market.price_level

    def _coins(self, amounts: Floats, ends_in: int | None = None) -> Ints:
        """Returns amounts of the catalogue's own money (hundredths) in the market's coins."""
        coins = np.floor(amounts * self.plan.market.price_level + 0.5).astype(np.int64)
        if ends_in is not None:
            coins = coins // 100 * 100 + ends_in
        if self.plan.market.minor_units == 0:
            coins = np.maximum(coins // 100, 1)
        return np.maximum(coins, 1)
