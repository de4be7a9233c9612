"""The attempts to pay: some are declined, some orders are paid in two parts, some cards tested.

Somebody who tests stolen cards tries small amounts on one order, dozens within minutes, before
the order itself is paid with one of them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecom_assets.simmart import aftermath
from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.demand import Demand
from ecom_assets.simmart.fraud import CARD_TESTING, TAKEOVER, VELOCITY
from ecom_assets.simmart.money import Money

DECLINE, CAPTURE, VOUCHER, FIRST_TEST = 1, 2, 3, 10
CARD, GIFT_CARD = 0, 4  # positions in METHODS
FEWEST_TESTS, MOST_TESTS = 12, 40
TESTED_CARDS = 4  # at most so many by one tester
TEST_SECONDS = 20  # at most so many between two tests


@dataclass(frozen=True)
class Attempts:
    """All attempts of a plan, columns side by side: captures, declines, vouchers, tests."""

    money: Money

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.money.chance

    @property
    def demand(self) -> Demand:
        """The orders."""
        return self.money.baskets.demand

    @cached_property
    def declined(self) -> Ints:
        """The orders that were not paid at once."""
        orders = self.demand.positions
        return np.flatnonzero(self.chance.happens("declined", aftermath.DECLINED, orders))

    @cached_property
    def split(self) -> Ints:
        """The orders that are paid in two parts."""
        return np.flatnonzero(self.chance.happens("split", aftermath.SPLIT, self.demand.positions))

    @cached_property
    def testing(self) -> Ints:
        """The order of each test of a card."""
        orders = np.flatnonzero(self.demand.fraud.kind == CARD_TESTING)
        return np.repeat(orders, self.chance.whole("tests", FEWEST_TESTS, MOST_TESTS, orders))

    @cached_property
    def _test_number(self) -> Ints:
        return np.arange(len(self.testing)) - np.searchsorted(self.testing, self.testing)

    @cached_property
    def order(self) -> Ints:
        """The order of each attempt."""
        return np.concatenate([self.demand.positions, self.declined, self.split, self.testing])

    @cached_property
    def number(self) -> Ints:
        """The number of each attempt within its order, which tells what it is."""
        counts = [len(self.demand.positions), len(self.declined), len(self.split)]
        usual = np.repeat([CAPTURE, DECLINE, VOUCHER], counts)
        return np.concatenate([usual, FIRST_TEST + self._test_number])

    @property
    def is_test(self) -> NDArray[np.bool_]:
        """Which attempts only try a card out."""
        return self.number >= FIRST_TEST

    @property
    def is_declined(self) -> NDArray[np.bool_]:
        """Which attempts failed."""
        return (self.number == DECLINE) | self.is_test

    @cached_property
    def at(self) -> Ints:
        """Seconds since 1970 of each attempt."""
        later = np.where(self.number == DECLINE, 20, 90)
        later += self.chance.whole("paid after", 0, 60, self.order, self.number)
        first_tries = self.number * TEST_SECONDS - self.chance.whole(
            "tested after", 0, TEST_SECONDS - 1, self.order, self.number
        )
        is_tested = self.demand.fraud.kind[self.order] == CARD_TESTING
        after_tests = later + (FIRST_TEST + MOST_TESTS) * TEST_SECONDS
        later = np.select([self.is_test, is_tested], [first_tries, after_tests], later)
        return self.demand.ordered_at[self.order] + later

    @cached_property
    def amount(self) -> Ints:
        """What each attempt was to collect."""
        voucher = self.money.to_pay[self.split] * 3 // 10
        capture = self.money.to_pay.copy()
        capture[self.split] -= voucher
        market = self.demand.plan.market
        small = self.chance.whole("tested amount", 50, 500, self.testing, self._test_number)
        tests = small * market.price_level // 10 ** (2 - market.minor_units)
        return np.concatenate([capture, self.money.to_pay[self.declined], voucher, tests])

    @cached_property
    def method(self) -> Ints:
        """The position in METHODS of each attempt; stolen cards are cards."""
        usual = self.chance.pick("method", aftermath.METHOD_WEIGHTS, self.order)
        kind = self.demand.fraud.kind[self.order]
        is_stolen = (kind == CARD_TESTING) | (kind == VELOCITY) | (kind == TAKEOVER)
        return np.select([self.number == VOUCHER, is_stolen], [GIFT_CARD, CARD], usual)

    @cached_property
    def card(self) -> NDArray[np.uint64]:
        """The card of each attempt: a payer has one, a tester several."""
        which = self.chance.whole("tested card", 0, TESTED_CARDS - 1, self.order, self.number)
        return self.chance.bits(
            "card", self.demand.fraud.payer[self.order], np.where(self.is_test, which, 0)
        )
