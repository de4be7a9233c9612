"""Fraud with known culprits: which orders belong to it, and who places them.

Card testing, velocity, address rings and account take-overs are incidents: a run of orders of one
day, every so many orders one of each kind. Refund abuse is a habit of some customers. How cards
are tested is in ``payment_attempts.py``, the labels are in ``fraud_labels.py``.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.people import People

KINDS = ("card_testing", "velocity", "address_ring", "account_takeover", "refund_abuse")
CARD_TESTING, VELOCITY, ADDRESS_RING, TAKEOVER, REFUND_ABUSE = range(len(KINDS))
INCIDENT_KINDS = 4  # the first so many; refund abuse is none
EVERY = 2_000  # orders from one incident of a kind to the next
FEWEST_ORDERS, MOST_ORDERS = np.array([1, 8, 4, 1]), np.array([1, 15, 8, 3])
SHORTEST_GAP, LONGEST_GAP = 15, 90  # seconds between two orders of an incident
ABUSERS = 0.02  # share of the customers who buy much
BUYS_MUCH = 2.0  # times the median
TRIES = 4  # draws of an account that is still there
NOT_A_CUSTOMER = 1 << 41  # ids from here on are no customers'


@dataclass(frozen=True)
class Fraud:
    """The fraud among the orders of a plan.

    Attributes:
        people: The customers.
        day: The day of each order.
        usual: The customer who would have placed each order, -1 for a guest.
    """

    people: People
    day: Ints
    usual: Ints

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.people.chance

    @cached_property
    def starts(self) -> Ints:
        """The first order of each incident; its kind is its number modulo INCIDENT_KINDS."""
        span = EVERY // INCIDENT_KINDS
        incidents = np.arange(len(self.day) // span + 1, dtype=np.int64)
        room = span - int(MOST_ORDERS.max())
        starts = incidents * span + self.chance.whole("incident", 0, room, incidents)
        return starts[starts < len(self.day)]

    @cached_property
    def _runs(self) -> tuple[Ints, Ints, Ints]:
        """Order, incident and number within it of all orders that an incident may take."""
        incidents = np.arange(len(self.starts), dtype=np.int64)
        kind = incidents % INCIDENT_KINDS
        size = self.chance.whole("orders", FEWEST_ORDERS[kind], MOST_ORDERS[kind], incidents)
        incident = np.repeat(incidents, size)
        number = np.arange(len(incident)) - np.repeat(np.cumsum(size) - size, size)
        order = self.starts[incident] + number
        inside = order < len(self.day)
        order, incident, number = order[inside], incident[inside], number[inside]
        same_day = self.day[order] == self.day[self.starts[incident]]
        return order[same_day], incident[same_day], number[same_day]

    @cached_property
    def _staged(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Order, incident, number and customer of all orders of the incidents that take place.

        Nobody takes over a guest.
        """
        order, incident, number = self._runs
        kind = incident % INCIDENT_KINDS
        who = self._account(order, incident, np.where(kind == ADDRESS_RING, number, 0))
        who[kind == CARD_TESTING] = -1
        staged = (kind != TAKEOVER) | (who >= 0)
        return order[staged], incident[staged], number[staged], who[staged]

    def _account(self, order: Ints, incident: Ints, number: Ints) -> Ints:
        """Returns customers who ordered before and are still there, -1 where none is found."""
        before = np.maximum(self.starts[incident] - 1, 0)
        found = np.full(len(order), -1, dtype=np.int64)
        for attempt in range(TRIES):
            drawn = self.chance.whole("account", 0, before, incident, number, attempt)
            who = self.usual[drawn]
            is_known = (who >= 0) & ~self.people.is_gone(np.maximum(who, 0), self.day[order])
            found = np.where((found < 0) & is_known, who, found)
        return found

    @cached_property
    def incident(self) -> Ints:
        """The incident each order belongs to, -1 for none."""
        order, incident, _, _ = self._staged
        found = np.full(len(self.day), -1, dtype=np.int64)
        found[order] = incident
        return found

    @cached_property
    def kind(self) -> Ints:
        """The kind of incident each order belongs to, -1 for none."""
        return np.where(self.incident >= 0, self.incident % INCIDENT_KINDS, -1)

    @cached_property
    def customer(self) -> Ints:
        """The customer of each order, -1 for a guest."""
        order, _, _, who = self._staged
        found = self.usual.copy()
        found[order] = who
        return found

    @cached_property
    def is_abuser(self) -> NDArray[np.bool_]:
        """Which customers give most of what they buy back."""
        drawn = self.chance.happens("abuser", ABUSERS, self.people.positions)
        return drawn & (self.people.weight > BUYS_MUCH)

    @cached_property
    def is_abuse(self) -> NDArray[np.bool_]:
        """Which orders were placed by such a customer."""
        known = self.customer >= 0
        return known & self.is_abuser[np.maximum(self.customer, 0)] & (self.incident < 0)

    def hurried(self, usual_at: Ints) -> Ints:
        """Returns the seconds of all orders, those of an incident soon after its first."""
        order, incident, number, _ = self._staged
        gap = self.chance.whole("gap", SHORTEST_GAP, LONGEST_GAP, incident, number)
        gap[number == 0] = 0
        elapsed = np.cumsum(gap)
        first = elapsed[np.searchsorted(incident, incident)]
        at = usual_at.copy()
        at[order] = np.minimum(usual_at[order], usual_at[self.starts[incident]] + elapsed - first)
        return at

    @cached_property
    def connection(self) -> Ints:
        """Whose device and address each order came from: a customer's, a guest's, a culprit's."""
        return np.where(
            self.incident >= 0,
            self._culprit,
            np.where(self.customer >= 0, self.customer, self._own),
        )

    @cached_property
    def payer(self) -> Ints:
        """Whose card each order is paid with: in a ring each account has its own."""
        own = np.where(self.customer >= 0, self.customer, self._own)
        return np.where((self.incident >= 0) & (self.kind != ADDRESS_RING), self._culprit, own)

    @property
    def _culprit(self) -> Ints:
        return NOT_A_CUSTOMER + 2 * self.incident + 1

    @property
    def _own(self) -> Ints:
        return NOT_A_CUSTOMER + 2 * np.arange(len(self.day), dtype=np.int64)
