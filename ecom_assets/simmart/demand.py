"""The orders: how many a day, at which second, by whom, from where.

The number of orders of a day is fixed by the calendar, so the nominal days hold exactly the
orders that the scale promises.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecom_assets.simmart.chance import Chance, Floats, Ints
from ecom_assets.simmart.fraud import ADDRESS_RING, NOT_A_CUSTOMER, TAKEOVER, Fraud
from ecom_assets.simmart.people import MOVE, People
from ecom_assets.simmart.plan import Plan

GUEST_SHARE = 0.08
TEST_SHARE = 0.001
BY_WEEKDAY = np.array([1.02, 0.97, 0.95, 0.98, 1.05, 0.93, 1.10])
BY_MONTH = np.array([0.90, 0.88, 0.94, 0.96, 0.98, 0.95, 0.90, 0.92, 1.00, 1.04, 1.30, 1.35])
BY_HOUR = np.array(
    [6, 3, 2, 1, 1, 2, 5, 12, 22, 32, 38, 40, 42, 40, 38, 38, 40, 44, 52, 60, 62, 52, 34, 16]
)
DAY_NOISE = 0.12
CHANNELS = np.array(["web", "app", "marketplace", "shop"])
CHANNEL_WEIGHTS = (58, 27, 10, 5)
DEVICES = np.array(["mobile", "desktop", "tablet"])


@dataclass(frozen=True)
class Demand:
    """The orders of a plan, by position: in the order of time, over all days."""

    plan: Plan
    people: People

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.plan.chance

    @cached_property
    def until_day(self) -> Ints:
        """How many orders there are before each day, and after the last."""
        nominal = self._pull(self.plan.scale.days)
        pull = self._pull(max(self.plan.days, self.plan.scale.days))
        share = np.concatenate([[0.0], np.cumsum(pull)]) / nominal.sum()
        return np.floor(share * self.plan.scale.orders + 1e-6).astype(np.int64)[
            : self.plan.days + 1
        ]

    def _pull(self, days: int) -> Floats:
        """Returns how strongly each day draws orders."""
        number = np.arange(days)
        dates = np.datetime64(self.plan.start, "D") + number
        weekday = (dates.astype(np.int64) + 3) % 7
        month = (dates.astype("datetime64[M]").astype(np.int64)) % 12
        noise = 1 + DAY_NOISE * np.clip(self.chance.normal("day", number), -2.5, 2.5)
        growth = 1 + self.plan.growth * number / 365
        return BY_WEEKDAY[weekday] * BY_MONTH[month] * growth * noise

    @cached_property
    def positions(self) -> Ints:
        """The position of every order."""
        return np.arange(self.until_day[-1], dtype=np.int64)

    @cached_property
    def day(self) -> Ints:
        """The day of each order, on the store's clock."""
        return np.repeat(np.arange(self.plan.days, dtype=np.int64), np.diff(self.until_day))

    @cached_property
    def ordered_at(self) -> Ints:
        """Seconds since 1970 of each order."""
        length = np.diff(self.plan.midnights)[self.day]
        hour = self.chance.pick("hour", BY_HOUR, self.positions)
        second = hour * 3600 + self.chance.whole("second", 0, 3599, self.positions)
        at = self.plan.midnights[self.day] + np.minimum(second, length - 1)
        return self.fraud.hurried(at[np.lexsort((at, self.day))])

    @cached_property
    def fraud(self) -> Fraud:
        """The fraud among the orders."""
        found = self.draw_customer("customer", self.day, self.positions)
        is_guest = self.chance.happens("guest", GUEST_SHARE, self.positions)
        return Fraud(self.people, self.day, np.where(is_guest, -1, found))

    @property
    def customer(self) -> Ints:
        """The customer of each order, -1 for a guest."""
        return self.fraud.customer

    def draw_customer(self, purpose: str, day: Ints, ids: Ints) -> Ints:
        """Returns a customer of each day by weight, -1 for one who is gone by then."""
        weights = np.cumsum(self.people.weight)
        known = weights[self.people.by_day[day] - 1]
        drawn = self.chance.uniform(purpose, ids) * known
        found = np.searchsorted(weights, drawn, side="right").astype(np.int64)
        return np.where(self.people.is_gone(found, day), -1, found)

    @cached_property
    def place(self) -> Ints:
        """The position in `places` of each order's address."""
        is_guest = self.customer < 0
        who = np.where(is_guest, 0, self.customer)
        moves = self.people.changed_before(who, self.day, MOVE)
        at_home = self.people.place(who, moves)
        elsewhere = self.people.place(self.positions + (1 << 40), np.zeros_like(self.positions))
        usual = np.where(is_guest, elsewhere, at_home)
        ring, taken = (np.flatnonzero(self.fraud.kind == k) for k in (ADDRESS_RING, TAKEOVER))
        shared = self.fraud.incident[ring] + NOT_A_CUSTOMER
        usual[ring] = self.people.place(shared, np.zeros_like(shared))
        usual[taken] = self.people.place_abroad(self.fraud.incident[taken])
        return usual

    @cached_property
    def channel(self) -> Ints:
        """The position in CHANNELS of each order."""
        return self.chance.pick("channel", CHANNEL_WEIGHTS, self.positions)

    @cached_property
    def is_test(self) -> NDArray[np.bool_]:
        """Which orders the shop itself placed to try something out."""
        drawn = self.chance.happens("test", TEST_SHARE, self.positions)
        return drawn & (self.fraud.incident < 0)
