"""What the shop's pages record: sessions of looking around, and those that end in an order.

The tracking sees a part of the orders only, as it does in a real shop. A session is told whole, so
the truth of sessions, carts and touches is known.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecom_assets.simmart.baskets import Baskets
from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.demand import BY_HOUR, Demand
from ecom_assets.simmart.marketing import Marketing
from ecom_assets.simmart.stock import Walk

ONLINE = 2  # channels below this are the shop's own pages and app
CONVERTING_SHARE = 0.3  # of the sessions that the tracking sees
KNOWN_VISITOR = 0.4
VIEWS_WEIGHTS = (30, 28, 20, 12, 10)
CART_SHARE, CHECKOUT_SHARE, REMOVE_SHARE = 0.25, 0.4, 0.1
FROM_CAMPAIGN = 0.2
KINDS = np.array(
    ["page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_start", "purchase"]
)
PAGE, VIEW, ADD, REMOVE, CHECKOUT, PURCHASE = range(6)
LONGEST_STEP = 240  # seconds between two events of a session


@dataclass(frozen=True)
class Sessions:
    """Sessions by position: first those that end in an order, then the others.

    Attributes:
        order: The order that each ends in, -1 for none.
        day: The day of each.
        at: Seconds since 1970 of each one's last event.
        customer: The customer of each, -1 where nobody signed in.
        campaign: The campaign it came through, -1 for none.
        ids: What the draws about each depend on.
    """

    order: Ints
    day: Ints
    at: Ints
    customer: Ints
    campaign: Ints
    ids: Ints


@dataclass(frozen=True)
class Events:
    """Events in the order of time, columns side by side; product and order are -1 for none."""

    session: Ints
    number: Ints
    at: Ints
    kind: Ints
    product: Ints
    order: Ints


@dataclass(frozen=True)
class Web:
    """What the pages of a plan's shop record."""

    marketing: Marketing
    baskets: Baskets
    walked: Walk

    @property
    def demand(self) -> Demand:
        """The orders."""
        return self.marketing.demand

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.demand.chance

    @cached_property
    def tracked(self) -> Ints:
        """The orders whose session is seen."""
        demand, scale = self.demand, self.demand.plan.scale
        share = min(1.0, CONVERTING_SHARE * scale.visits / (0.85 * scale.orders))
        seen = self.chance.happens("tracked", share, demand.positions)
        return np.flatnonzero(seen & (demand.channel < ONLINE))

    @cached_property
    def sessions(self) -> Sessions:
        """All sessions that are seen."""
        demand, plan = self.demand, self.demand.plan
        others = (1 - CONVERTING_SHARE) * plan.scale.visits / plan.scale.orders
        day = np.repeat(
            np.arange(plan.days), np.diff(np.floor(demand.until_day * others).astype(np.int64))
        )
        number = np.arange(len(day), dtype=np.int64)
        ids = number + (1 << 42)
        hour = self.chance.pick("visit hour", BY_HOUR, ids)
        second = hour * 3600 + self.chance.whole("visit second", 0, 3599, ids)
        length = np.diff(plan.midnights)[day]
        through = self.chance.happens("visit through campaign", FROM_CAMPAIGN, ids)
        is_known = self.chance.happens("known visitor", KNOWN_VISITOR, ids)
        return Sessions(
            order=np.concatenate([self.tracked, np.full(len(day), -1)]),
            day=np.concatenate([demand.day[self.tracked], day]),
            at=np.concatenate(
                [
                    demand.ordered_at[self.tracked],
                    plan.midnights[day] + np.minimum(second, length - 1),
                ]
            ),
            customer=np.concatenate(
                [
                    demand.customer[self.tracked],
                    np.where(is_known, demand.draw_customer("visitor", day, ids), -1),
                ]
            ),
            campaign=np.concatenate(
                [
                    self.marketing.of_order[self.tracked],
                    np.where(through, self.marketing.running(ids, day), -1),
                ]
            ),
            ids=np.concatenate([self.tracked, ids]),
        )

    @cached_property
    def visitor(self) -> NDArray[np.uint64]:
        """Who visits: a known customer always as the same visitor, others as a new one."""
        s = self.sessions
        known = self.chance.bits("visitor of customer", np.maximum(s.customer, 0))
        new = self.chance.bits("visitor of session", s.ids)
        return np.where(s.customer >= 0, known, new)

    @cached_property
    def device(self) -> Ints:
        """The position in DEVICES of what each session is seen on."""
        return self.chance.pick("session device", (55, 38, 7), self.sessions.ids)

    @cached_property
    def events(self) -> Events:
        """All events of all sessions."""
        steps = [*self._steps_of_orders(), *self._steps_of_visits()]
        session = np.concatenate([step[0] for step in steps])
        rank = np.concatenate([step[1] for step in steps])
        kind = np.concatenate([np.full(len(step[0]), step[2]) for step in steps])
        product = np.concatenate([step[3] for step in steps])
        order = np.lexsort((rank, session))
        session, kind, product = session[order], kind[order], product[order]
        first = np.flatnonzero(np.diff(session, prepend=-1))
        count = np.diff(np.append(first, len(session)))
        number = np.arange(len(session)) - np.repeat(first, count)
        gap = self.chance.whole("step", 2, LONGEST_STEP, self.sessions.ids[session], number)
        gap[first] = 0
        elapsed = np.cumsum(gap)
        last = first + count - 1
        at = self.sessions.at[session] - (np.repeat(elapsed[last], count) - elapsed)
        at = np.maximum(at, self.demand.plan.midnights[self.sessions.day[session]])
        bought = np.where(kind == PURCHASE, self.sessions.order[session], -1)
        by_time = np.lexsort((number, self.sessions.ids[session], at))
        return Events(*(column[by_time] for column in (session, number, at, kind, product, bought)))

    def _steps_of_orders(self) -> list[tuple[Ints, Ints, int, Ints]]:
        """Returns (session, rank, kind, product) of the sessions that end in an order."""
        lines, session = self.baskets.lines_of(self.tracked)
        product, within = self.walked.product[lines], self.baskets.line_number[lines]
        own = np.arange(len(self.tracked))
        none = np.full(len(own), -1)
        return [
            (own, np.zeros_like(own), PAGE, none),
            (session, 10 + within * 2, VIEW, product),
            (session, 11 + within * 2, ADD, product),
            (own, np.full(len(own), 900), CHECKOUT, none),
            (own, np.full(len(own), 901), PURCHASE, none),
        ]

    def _steps_of_visits(self) -> list[tuple[Ints, Ints, int, Ints]]:
        """Returns (session, rank, kind, product) of the sessions that end in nothing."""
        own = np.arange(len(self.tracked), len(self.sessions.ids))
        ids = self.sessions.ids[own]
        none = np.full(len(own), -1)
        views = self.chance.pick("views", VIEWS_WEIGHTS, ids)
        viewing = np.repeat(own, views)
        within = np.arange(len(viewing)) - np.repeat(np.cumsum(views) - views, views)
        of = self.sessions.ids[viewing]
        looked_at = self.baskets.choose("viewed", self.sessions.day[viewing], of, within)
        carts = self.chance.happens("cart", CART_SHARE, of) & (within == 0)
        removes = carts & self.chance.happens("removed", REMOVE_SHARE, of)
        checks = carts & ~removes & self.chance.happens("checkout", CHECKOUT_SHARE, of)
        return [
            (own, np.zeros_like(own), PAGE, none),
            (viewing, 10 + within * 2, VIEW, looked_at),
            (viewing[carts], 11 + within[carts] * 2, ADD, looked_at[carts]),
            (viewing[removes], np.full(removes.sum(), 800), REMOVE, looked_at[removes]),
            (viewing[checks], np.full(checks.sum(), 900), CHECKOUT, np.full(checks.sum(), -1)),
        ]
