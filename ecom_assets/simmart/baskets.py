"""What is in the orders: lines with product, quantity and money; coupons, shipping, tax.

All money is in the currency's smallest coin.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ecom_assets.simmart.catalogue import Catalogue
from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.demand import Demand

LINES = np.arange(1, 9)
LINE_WEIGHTS = (32, 24, 17, 11, 7, 5, 3, 1)
QUANTITIES = np.array([1, 2, 3, 4, 6, 10, 24])
QUANTITY_WEIGHTS = (74, 14, 5, 3, 2, 1.5, 0.5)
TRIES = 3  # draws of a product that is on sale, before a best-seller is taken


@dataclass(frozen=True)
class Baskets:
    """The lines of all orders, by position: order by order."""

    demand: Demand
    catalogue: Catalogue

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.demand.chance

    @cached_property
    def lines_of_order(self) -> Ints:
        """How many lines each order has."""
        return LINES[self.chance.pick("lines", LINE_WEIGHTS, self.demand.positions)]

    @cached_property
    def order(self) -> Ints:
        """The order of each line."""
        return np.repeat(self.demand.positions, self.lines_of_order)

    @cached_property
    def line_number(self) -> Ints:
        """The number of each line within its order, from 1."""
        first = np.cumsum(self.lines_of_order) - self.lines_of_order
        return np.arange(len(self.order), dtype=np.int64) - first[self.order] + 1

    @cached_property
    def day(self) -> Ints:
        """The day of each line."""
        return self.demand.day[self.order]

    @cached_property
    def wanted(self) -> Ints:
        """The product that the customer wants, whether or not it is in stock."""
        return self.choose("product", self.day, self.order, self.line_number)

    def choose(self, purpose: str, day: Ints, ids: Ints, number: Ints) -> Ints:
        """Returns products that are on sale on each day, by popularity."""
        weights = np.cumsum(self.catalogue.popularity)
        launched = weights[self.catalogue.by_day[day] - 1]

        def draw(which: slice | Ints, attempt: int) -> Ints:
            drawn = self.chance.uniform(purpose, ids[which], number[which], attempt)
            found = np.searchsorted(weights, drawn * launched[which], side="right")
            return found.astype(np.int64)

        found = draw(slice(None), 0)
        for attempt in range(1, TRIES):
            over = np.flatnonzero(self.catalogue.last_day[found] < day)
            found[over] = draw(over, attempt)
        over = self.catalogue.last_day[found] < day
        return np.where(over, self._lasting(ids, number), found)

    def lines_of(self, orders: Ints) -> tuple[Ints, Ints]:
        """Returns the positions of the lines of some orders, and which of these each is of."""
        counts = self.lines_of_order[orders]
        first = (np.cumsum(self.lines_of_order) - self.lines_of_order)[orders]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(first, counts) + within, np.repeat(np.arange(len(orders)), counts)

    @cached_property
    def _substitutes(self) -> Ints:
        """Drop-shipped products that are sold from the first day to the last and beyond."""
        c = self.catalogue
        lasting = (c.launch_day == 0) & ~c.is_mortal & ~c.stocked
        return np.flatnonzero(lasting)

    def _lasting(self, order: Ints, line: Ints) -> Ints:
        last = len(self._substitutes) - 1
        return self._substitutes[self.chance.whole("substitute", 0, last, order, line)]

    @cached_property
    def quantity(self) -> Ints:
        """Pieces of each line."""
        drawn = self.chance.pick("quantity", QUANTITY_WEIGHTS, self.order, self.line_number)
        return QUANTITIES[drawn]

    def substitute(self, lines: Ints) -> Ints:
        """Returns what is bought in place of what is out of stock."""
        return self._lasting(self.order[lines], self.line_number[lines])
