"""What each line and order costs: price of the day, promotions, coupons, shipping, tax, cost.

All money is in the currency's smallest coin, rounded half up; parts of an order always add up.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecom_assets.simmart.baskets import Baskets
from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.people import places
from ecom_assets.simmart.stock import Walk

PROMOTED = 0.1
PROMOTION_PCT = np.array([10, 15, 20, 30])
COUPONS = np.array(["WELCOME10", "SPRING15", "FRIEND5", "VIP20"])
COUPON_PCT = np.array([10, 15, 5, 20])
COUPON_SHARE = 0.07
EXPRESS_SHARE = 0.06
SHIPPING, EXPRESS, FREE_FROM = 495, 1295, 5000
TAX_PCT = {"DE": 19, "AT": 20, "FR": 20, "NL": 21, "PL": 23, "ES": 21, "IT": 22, "GB": 20, "JP": 10}
TAX_PCT_ELSEWHERE = 8


def percent(amounts: Ints, pct: Ints | int) -> Ints:
    """Returns so many hundredths of each amount, rounded half up to the coin."""
    return (amounts * pct + 50) // 100


@dataclass(frozen=True)
class Money:
    """The amounts of all lines and orders."""

    baskets: Baskets
    walked: Walk

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.baskets.chance

    @cached_property
    def price(self) -> Ints:
        """The unit price of each line, as it was that day."""
        return self.baskets.catalogue.price(self.walked.product, self.baskets.day)

    @cached_property
    def gross(self) -> Ints:
        """Quantity x price of each line."""
        return self.price * self.baskets.quantity

    @cached_property
    def line_discount(self) -> Ints:
        """The promotion on each line."""
        b = self.baskets
        is_promoted = self.chance.happens("promoted", PROMOTED, b.order, b.line_number)
        pct = PROMOTION_PCT[self.chance.whole("promotion", 0, 3, b.order, b.line_number)]
        return np.where(is_promoted, percent(self.gross, pct), 0)

    @cached_property
    def order_gross(self) -> Ints:
        """The lines of each order before promotions."""
        return self._by_order(self.gross)

    @cached_property
    def goods(self) -> Ints:
        """The lines of each order after promotions."""
        return self._by_order(self.gross - self.line_discount)

    @cached_property
    def coupon(self) -> Ints:
        """The position in COUPONS of each order's coupon, -1 for none."""
        orders = self.baskets.demand.positions
        has = self.chance.happens("has coupon", COUPON_SHARE, orders)
        return np.where(has, self.chance.whole("coupon", 0, len(COUPONS) - 1, orders), -1)

    @cached_property
    def order_discount(self) -> Ints:
        """The coupon's discount on each order."""
        return np.where(self.coupon >= 0, percent(self.goods, COUPON_PCT[self.coupon]), 0)

    @cached_property
    def shipping(self) -> Ints:
        """Shipping charged on each order, free above an amount."""
        market = self.baskets.demand.plan.market
        level = market.price_level / (1 if market.minor_units else 100)
        is_express = self.chance.happens("express", EXPRESS_SHARE, self.baskets.demand.positions)
        standard = np.where(self.goods >= FREE_FROM * level, 0, int(SHIPPING * level))
        return np.where(is_express, int(EXPRESS * level), standard)

    @cached_property
    def tax(self) -> Ints:
        """The tax on each line after promotions, by the country it is sent to."""
        countries = places()["country"].to_list()
        pct = np.array([TAX_PCT.get(country, TAX_PCT_ELSEWHERE) for country in countries])
        rate = pct[self.baskets.demand.place][self.baskets.order]
        return percent(self.gross - self.line_discount, rate)

    @cached_property
    def to_pay(self) -> Ints:
        """What the buyer of each order owes."""
        return self.goods - self.order_discount + self.shipping + self._by_order(self.tax)

    def _by_order(self, amounts: Ints) -> Ints:
        lines = self.baskets.lines_of_order
        first = np.cumsum(lines) - lines
        return np.add.reduceat(amounts, first) if len(first) else amounts

    @cached_property
    def counts(self) -> NDArray[np.bool_]:
        """Which orders are no tests."""
        return ~self.baskets.demand.is_test
