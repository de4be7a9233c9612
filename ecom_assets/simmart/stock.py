"""The stock: what is sold runs out, is ordered again, arrives days later, and is counted weekly.

Stock is the one part of the simulation in which a day depends on the day before, so it is walked
day by day, all products at once.
"""

from dataclasses import dataclass

import numpy as np

from ecom_assets.simmart.baskets import Baskets
from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.plan import Plan

COVER_DAYS = 21  # a delivery lasts so long at the pace expected when it is ordered
REORDER_DAYS = 7
SHORTEST_LEAD, LONGEST_LEAD = 3, 12
SHRINKAGE = 0.02  # share of the counts that find something missing, or a piece too many
MOST_MISSING = 3
COUNT_WEEKDAY = 6  # Sunday, when the shop has closed
COUNT_WEEKS = 13  # each week another part of the products is counted: all of them in a quarter
WAREHOUSES = np.array(["main", "north"])


@dataclass(frozen=True)
class Walk:
    """The result of walking through the days.

    Attributes:
        product: The product of each line: what was wanted, or its substitute.
        closing: On hand at the end of each day (days x stocked products).
        received: Arrived in the morning (days x stocked products).
        sold: Sold (days x stocked products).
        adjusted: What the count of the day corrected (days x stocked products).
    """

    product: Ints
    closing: Ints
    received: Ints
    sold: Ints
    adjusted: Ints


def counts(plan: Plan, stocked: int) -> tuple[Ints, Ints]:
    """Returns what is counted when: days in their order, and the product counted on each."""
    days = np.arange(plan.days, dtype=np.int64)
    weekday = ((np.datetime64(plan.start, "D") + days).astype(np.int64) + 3) % 7
    sundays = days[weekday == COUNT_WEEKDAY]
    in_turn = np.arange(stocked) % COUNT_WEEKS == (sundays // 7 % COUNT_WEEKS)[:, None]
    nth, product = np.nonzero(in_turn)
    return sundays[nth], product


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
    closing, received, sold, adjusted = (np.zeros(shape, dtype=np.int64) for _ in range(4))
    received[0] = on_hand
    count_day, count_product = counts(plan, stocked)
    counts_until = np.searchsorted(count_day, np.arange(plan.days + 1))
    for day in range(plan.days):
        on_hand = on_hand + due[day]
        on_order -= due[day]
        received[day] += due[day]
        lines = np.arange(until[day], until[day + 1])
        lines = lines[product[lines] < stocked]
        sold[day], refused = _sell(product[lines], baskets.quantity[lines], on_hand)
        product[lines[refused]] = baskets.substitute(lines[refused])
        counted = count_product[counts_until[day] : counts_until[day + 1]]
        adjusted[day, counted] = _found_wrong(chance, on_hand - sold[day], counted, day)
        on_hand = on_hand - sold[day] + adjusted[day]
        closing[day] = on_hand
        low = np.flatnonzero(on_hand + on_order <= np.ceil(pace * REORDER_DAYS))
        lead = chance.whole("lead", SHORTEST_LEAD, LONGEST_LEAD, low, day)
        amount = np.maximum(np.ceil(pace[low] * COVER_DAYS), 3).astype(np.int64)
        np.add.at(due, (day + lead, low), amount)
        on_order[low] += amount
    return Walk(product, closing, received, sold, adjusted)


def _found_wrong(chance: Chance, on_hand: Ints, products: Ints, day: int) -> Ints:
    """Returns by how much what is counted differs from what should be there, for each product."""
    wrong = chance.happens("shrinkage", SHRINKAGE, products, day)
    pieces = chance.whole("shrunk by", -MOST_MISSING, 1, products, day)
    return np.where(wrong, np.maximum(pieces, -on_hand[products]), 0)


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
