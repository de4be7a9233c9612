"""The campaigns: when they run, what they cost a day, and which orders came through them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ecom_assets.simmart.chance import Chance, Ints
from ecom_assets.simmart.demand import Demand

SHORTEST, LONGEST = 5, 30
ORDERS_WITH_CAMPAIGN = 0.22
CHANNELS = np.array(["search", "social", "email", "affiliate", "display"])
CHANNEL_WEIGHTS = (34, 28, 18, 8, 12)
COST_PER_CLICK = np.array([42, 28, 3, 20, 16])
CLICK_SHARE_PERMILLE = np.array([31, 9, 24, 14, 3])


@dataclass(frozen=True)
class Marketing:
    """The campaigns of a plan, by position: those that start first come first."""

    demand: Demand

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.demand.chance

    @cached_property
    def by_day(self) -> Ints:
        """How many have started by the end of each day."""
        scale = self.demand.plan.scale
        days = np.arange(1, self.demand.plan.days + 1, dtype=np.int64)
        return (scale.campaigns * days + scale.days - 1) // scale.days

    @cached_property
    def positions(self) -> Ints:
        """The position of every campaign."""
        return np.arange(self.by_day[-1], dtype=np.int64)

    @cached_property
    def first_day(self) -> Ints:
        """The day on which each campaign starts."""
        return np.searchsorted(self.by_day, self.positions, side="right").astype(np.int64)

    @cached_property
    def days(self) -> Ints:
        """For how many days each campaign runs."""
        return self.chance.whole("campaign days", SHORTEST, LONGEST, self.positions)

    @cached_property
    def channel(self) -> Ints:
        """The position in CHANNELS of each campaign."""
        return self.chance.pick("campaign channel", CHANNEL_WEIGHTS, self.positions)

    @cached_property
    def of_order(self) -> Ints:
        """The campaign that each order came through, -1 for none."""
        orders, day = self.demand.positions, self.demand.day
        through = self.chance.happens("through campaign", ORDERS_WITH_CAMPAIGN, orders)
        return np.where(through, self.running(orders, day), -1)

    def running(self, ids: Ints, day: Ints) -> Ints:
        """Returns a campaign that runs on each day, -1 where none has started lately."""
        before = np.where(day >= SHORTEST, self.by_day[np.maximum(day - SHORTEST, 0)], 0)
        started = self.by_day[day]
        drawn = self.chance.whole("campaign", before, np.maximum(started - 1, before), ids)
        return np.where(started > before, drawn, -1)

    @cached_property
    def spend_rows(self) -> tuple[Ints, Ints]:
        """Campaign and day of each day that a campaign runs, up to the last simulated one."""
        campaign = np.repeat(self.positions, self.days)
        within = np.arange(len(campaign)) - np.repeat(np.cumsum(self.days) - self.days, self.days)
        day = self.first_day[campaign] + within
        told = day < self.demand.plan.days
        return campaign[told], day[told]

    def clicks(self, campaign: Ints, day: Ints) -> Ints:
        """Returns the clicks of campaigns on days."""
        size = self.chance.lognormal("campaign size", 0.9, campaign)
        return np.floor(size * (20 + 40 * self.chance.uniform("clicks", campaign, day))).astype(
            np.int64
        )

    def spend(self, campaign: Ints, day: Ints) -> Ints:
        """Returns what campaigns cost on days, in the smallest coin."""
        market = self.demand.plan.market
        each = COST_PER_CLICK[self.channel[campaign]]
        return (
            self.clicks(campaign, day) * each * market.price_level // 10 ** (2 - market.minor_units)
        )

    def impressions(self, campaign: Ints, day: Ints) -> Ints:
        """Returns how often campaigns were shown on days."""
        return self.clicks(campaign, day) * 1000 // CLICK_SHARE_PERMILLE[self.channel[campaign]]

    def budget(self, campaign: Ints) -> Ints:
        """Returns the budgets of campaigns, in whole units of the currency's smallest coin."""
        market = self.demand.plan.market
        size = self.chance.lognormal("campaign size", 0.9, campaign)
        money = np.floor(size * self.days[campaign] * 15).astype(np.int64) * 100
        return money * market.price_level // 10 ** (2 - market.minor_units)
