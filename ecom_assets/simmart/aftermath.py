"""What follows an order: cancellations, parcels, refunds; each on its own day.

Everything is a function of the order; what happens after the last simulated day is not told yet.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.demand import Demand
from ecom_assets.simmart.money import Money

HOUR, DAY = 3_600, 86_400
DECLINED = 0.05
SPLIT = 0.04
CANCELLED = 0.025
TWO_PARCELS = 0.08
REFUNDED = 0.07
REFUNDED_TO_ABUSERS = 0.85
LINE_REFUNDED = 0.55
RESTOCKED = 0.7
METHODS = np.array(["card", "paypal", "invoice", "bank_transfer", "gift_card"])
METHOD_WEIGHTS = (52, 28, 12, 6, 2)
PROVIDERS = np.array(["acquira", "paypal", "klarify", "sepa", "simmart"])
CARRIERS = np.array(["dhl", "ups", "dpd", "post"])
REASONS = np.array(["damaged", "wrong item", "does not fit", "not as described", "late", "other"])
REASON_WEIGHTS = (18, 12, 26, 20, 9, 15)


@dataclass(frozen=True)
class Aftermath:
    """What follows the orders of a plan."""

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
    def cancelled_at(self) -> Ints:
        """Seconds since 1970 at which each order is cancelled, 0 for never."""
        orders = self.demand.positions
        is_cancelled = self.chance.happens("cancelled", CANCELLED, orders)
        later = self.chance.whole("cancelled after", HOUR // 4, 20 * HOUR, orders)
        return np.where(is_cancelled, self.demand.ordered_at + later, 0)

    @cached_property
    def shipped_at(self) -> Ints:
        """Seconds since 1970 at which each order leaves; of cancelled ones nothing does."""
        later = self.chance.whole("shipped after", 20 * HOUR, 72 * HOUR, self.demand.positions)
        return self.demand.ordered_at + later

    @cached_property
    def arrived_at(self) -> Ints:
        """Seconds since 1970 at which each order's first parcel arrives."""
        days = self.chance.exponential("days on the way", self.demand.positions) * 1.1 + 0.8
        return self.shipped_at + np.floor(days * DAY).astype(np.int64)

    @cached_property
    def is_refunded(self) -> NDArray[np.bool_]:
        """Which orders come back, at least in part."""
        share = np.where(self.demand.fraud.is_abuse, REFUNDED_TO_ABUSERS, REFUNDED)
        refunded = self.chance.happens("refunded", share, self.demand.positions)
        return refunded & (self.cancelled_at == 0) & ~self.demand.is_test

    @cached_property
    def refunded_at(self) -> Ints:
        """Seconds since 1970 of each order's refund, 0 for never."""
        later = self.chance.whole("refunded after", 1 * DAY, 30 * DAY, self.demand.positions)
        return np.where(self.is_refunded, self.arrived_at + later, 0)

    @cached_property
    def refunded_lines(self) -> Ints:
        """The positions of the lines that come back: the first of a refund, and some others."""
        b = self.money.baskets
        is_chosen = self.chance.happens("line refunded", LINE_REFUNDED, b.order, b.line_number)
        is_chosen |= (b.line_number == 1) | self.demand.fraud.is_abuse[b.order]
        return np.flatnonzero(self.is_refunded[b.order] & is_chosen)

    @cached_property
    def refunded_quantity(self) -> Ints:
        """Pieces that come back of each refunded line."""
        b, lines = self.money.baskets, self.refunded_lines
        sold = b.quantity[lines]
        some = self.chance.whole("pieces back", 1, sold, b.order[lines], b.line_number[lines])
        return np.where(self.demand.fraud.is_abuse[b.order[lines]], sold, some)

    @cached_property
    def refunded_amount(self) -> Ints:
        """Money given back for each refunded line, before tax: its part of what was paid.

        The coupon is shared by gross amounts; what does not go by coins stays with the shop.
        """
        m, lines = self.money, self.refunded_lines
        gross, order = m.gross[lines], m.baskets.order[lines]
        coupon = -(-gross * m.order_discount[order] // m.order_gross[order])
        paid = gross - m.line_discount[lines] - coupon
        return paid * self.refunded_quantity // m.baskets.quantity[lines]

    @cached_property
    def refunded_tax(self) -> Ints:
        """Tax given back for each refunded line."""
        m, lines = self.money, self.refunded_lines
        return m.tax[lines] * self.refunded_quantity // m.baskets.quantity[lines]

    @cached_property
    def is_restocked(self) -> NDArray[np.bool_]:
        """Which refunded lines can be sold again."""
        b, lines = self.money.baskets, self.refunded_lines
        return self.chance.happens("restocked", RESTOCKED, b.order[lines], b.line_number[lines])
