"""The stock: what is sold runs out, is ordered again and arrives days later.

Stock is the one part of the simulation in which a day depends on the day before, so it is walked
day by day, all products at once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ecom_assets.simmart.baskets import Baskets
from ecom_assets.simmart.chance import Ints

COVER_DAYS = 21  # a delivery lasts so long at the pace expected when it is ordered
REORDER_DAYS = 7
SHORTEST_LEAD, LONGEST_LEAD = 3, 12
SHRINKAGE = 0.02  # share of weekly counts that find something missing or too much
COUNT_WEEKDAY = 6
WAREHOUSES = np.array(["main", "north"])


@dataclass(frozen=True)
class Stock:
    """What happens in the warehouses of a plan."""

    baskets: Baskets

    @cached_property
    def walked(self) -> "Walk":
        """The stock of all days, and the product each line really got."""
        return walk(self.baskets)


@dataclass(frozen=True)
class Walk:
    """The result of walking through the days.

    Attributes:
        product: The product of each line: what was wanted, or its substitute.
        closing: On hand at the end of each day (days x stocked products).
        received: Arrived in the morning (days x stocked products).
        sold: Sold (days x stocked products).
    """

    product: Ints
    closing: Ints
    received: Ints
    sold: Ints


def walk(baskets: Baskets) -> Walk:
    """Walks through the days: receive, sell while there is some, order again when it runs low."""
    demand, catalogue, chance = baskets.demand, baskets.catalogue, baskets.chance
    plan = demand.plan
    stocked = min(plan.scale.stocked, len(catalogue.positions))
    pace = _expected_pace(baskets, stocked)
    on_hand = np.maximum(np.floor(pace * COVER_DAYS), 2).astype(np.int64)
    due = np.zeros((plan.days + LONGEST_LEAD + 2, stocked), dtype=np.int64)
    on_order = np.zeros(stocked, dtype=np.int64)
    product = baskets.wanted.copy()
    until = np.searchsorted(baskets.day, np.arange(plan.days + 1))
    shape = (plan.days, stocked)
    closing, received, sold = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    received[0] = on_hand
    for day in range(plan.days):
        on_hand = on_hand + due[day]
        on_order -= due[day]
        received[day] += due[day]
        lines = np.arange(until[day], until[day + 1])
        lines = lines[product[lines] < stocked]
        sold[day], refused = _sell(product[lines], baskets.quantity[lines], on_hand)
        product[lines[refused]] = baskets.substitute(lines[refused])
        on_hand = on_hand - sold[day]
        closing[day] = on_hand
        low = np.flatnonzero(on_hand + on_order <= np.ceil(pace * REORDER_DAYS))
        lead = chance.whole("lead", SHORTEST_LEAD, LONGEST_LEAD, low, day)
        amount = np.maximum(np.ceil(pace[low] * COVER_DAYS), 3).astype(np.int64)
        np.add.at(due, (day + lead, low), amount)
        on_order[low] += amount
    return Walk(product, closing, received, sold)


def _expected_pace(baskets: Baskets, stocked: int) -> np.ndarray:
    """Returns the pieces a day that the shop expects to sell of each product, when all is well."""
    plan, popularity = baskets.demand.plan, baskets.catalogue.popularity
    pieces = plan.scale.orders / plan.scale.days * 2.7 * 1.7
    return popularity[:stocked] / popularity[: baskets.catalogue.held].sum() * pieces * 0.9


def _sell(products: Ints, quantities: Ints, on_hand: Ints) -> tuple[Ints, np.ndarray]:
    """Sells one day's lines in the order of time; returns pieces sold by product, lines refused.

    A line is refused whole where what came before it on that day leaves too little.
    """
    order = np.argsort(products, kind="stable")
    ranked, wanted = products[order], quantities[order]
    running = np.cumsum(wanted)
    is_first = np.ones(len(ranked), dtype=bool)
    is_first[1:] = ranked[1:] != ranked[:-1]
    before = np.repeat(
        (running - wanted)[is_first], np.diff(np.append(np.flatnonzero(is_first), len(ranked)))
    )
    fits = running - before <= on_hand[ranked]
    sold = np.bincount(ranked[fits], weights=wanted[fits], minlength=len(on_hand)).astype(np.int64)
    refused = np.zeros(len(products), dtype=bool)
    refused[order[~fits]] = True
    return sold, refused
