"""The customers: who signs up when, how much each of them buys, and what changes about them.

A fifth of them makes half of the orders. They move, are promoted, change their mind about mail,
ask to be forgotten, and some of those come back: the truth behind the history of customers.
"""

import csv
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ecom_assets.simmart.chance import Chance, Floats, Ints
from ecom_assets.simmart.plan import Plan

HELD_BEFORE = 0.6  # share of the nominal customers that signed up before the first day
DAYS_BEFORE = 900
# A lognormal weight of this spread gives the heaviest fifth half of the whole.
WEIGHT_SPREAD = 0.8416
CHANGES = 4  # at most so many for one customer
DAYS_BETWEEN_CHANGES = 500.0
MOVE, PROMOTION, MAIL, GONE, BACK = range(5)
KIND_WEIGHTS = (45, 40, 12, 3)
COMES_BACK = 0.3
TIERS = np.array(["bronze", "silver", "gold", "platinum"])
SEGMENTS = np.array(["consumer", "corporate", "home office"])
HOME_SHARE = 0.8


@lru_cache(maxsize=1)
def names() -> dict[str, NDArray[np.str_]]:
    """Returns first and last names, from names.csv."""
    rows = list(csv.DictReader(_lines("names.csv")))
    return {
        kind: np.array([row["name"] for row in rows if row["kind"] == kind])
        for kind in ("first", "last")
    }


@lru_cache(maxsize=1)
def places() -> pl.DataFrame:
    """Returns cities with country, region, postal prefix and weight, from places.csv."""
    return pl.DataFrame(list(csv.DictReader(_lines("places.csv")))).with_columns(
        pl.col("weight").cast(pl.Int64)
    )


def _lines(name: str) -> list[str]:
    return (files("ecom_assets.simmart") / name).read_text("utf-8").splitlines()


@dataclass(frozen=True)
class People:
    """The customers of a plan, by position: those who signed up first come first."""

    plan: Plan

    @property
    def chance(self) -> Chance:
        """The store's draws."""
        return self.plan.chance

    @cached_property
    def held(self) -> int:
        """How many there were before the first day."""
        return round(self.plan.scale.customers * HELD_BEFORE)

    @cached_property
    def by_day(self) -> Ints:
        """How many have signed up by the end of each day."""
        gained = self.plan.scale.customers - self.held
        days = np.arange(1, self.plan.days + 1, dtype=np.int64)
        return self.held + gained * days // self.plan.scale.days

    @cached_property
    def positions(self) -> Ints:
        """The position of everyone."""
        return np.arange(self.by_day[-1], dtype=np.int64)

    @cached_property
    def signup_day(self) -> Ints:
        """The day of each signup, negative before the start."""
        before = -self.chance.whole("signup day", 1, DAYS_BEFORE, self.positions[: self.held])
        later = np.searchsorted(self.by_day, self.positions[self.held :], side="right")
        return np.concatenate([before, later])

    @cached_property
    def signed_up_at(self) -> Ints:
        """Seconds since 1970 of each signup: in the morning, before that day's orders."""
        midnight = int(self.plan.midnights[0])
        second = self.chance.whole("signup second", 0, 6 * 3600 - 1, self.positions)
        held = midnight + self.signup_day[: self.held] * 86_400
        return np.concatenate([held, self.plan.midnights[self.signup_day[self.held :]]]) + second

    @cached_property
    def weight(self) -> Floats:
        """How much each of them buys, in arbitrary units."""
        return self.chance.lognormal("weight", WEIGHT_SPREAD, self.positions)

    @cached_property
    def change_day(self) -> Ints:
        """The day of each change of each customer (customers x changes), `days` for none."""
        number = np.arange(CHANGES)
        gaps = 1 + np.floor(
            self.chance.exponential("gap", self.positions[:, None], number) * DAYS_BETWEEN_CHANGES
        ).astype(np.int64)
        first = np.maximum(self.signup_day, 0)[:, None]
        days = first + np.cumsum(gaps, axis=1)
        gone = np.cumsum(self.change_kind == GONE, axis=1) > 0
        after = np.zeros_like(gone)
        after[:, 1:] = gone[:, :-1]
        lost = after & ~self.comes_back[:, None]
        return np.where(lost, self.plan.days, np.minimum(days, self.plan.days))

    @cached_property
    def comes_back(self) -> NDArray[np.bool_]:
        """Whether a customer who asked to be forgotten signs up again."""
        return self.chance.happens("comes back", COMES_BACK, self.positions)

    @cached_property
    def change_kind(self) -> Ints:
        """What changes: a move, a tier, the mail, a farewell; after a farewell a return."""
        number = np.arange(CHANGES)
        kind = self.chance.pick("kind", KIND_WEIGHTS, self.positions[:, None], number)
        for later in range(1, CHANGES):
            kind[:, later] = np.where(kind[:, later - 1] == GONE, BACK, kind[:, later])
        return kind

    def changed_before(self, who: Ints, day: Ints, kind: int) -> Ints:
        """Returns how many changes of a kind each customer has had by the start of a day."""
        done = (self.change_day[who] < day[:, None]) & (self.change_kind[who] == kind)
        return done.sum(axis=1)

    def is_gone(self, who: Ints, day: Ints) -> NDArray[np.bool_]:
        """Returns whether customers have asked to be forgotten by the start of a day."""
        return self.changed_before(who, day, GONE) > self.changed_before(who, day, BACK)

    def place(self, who: Ints, moves: Ints) -> Ints:
        """Returns the position in `places` after so many moves."""
        return self.chance.pick("place", self._place_weights(HOME_SHARE), who, moves)

    def place_abroad(self, ids: Ints) -> Ints:
        """Returns positions in `places` outside the home country."""
        return self.chance.pick("place abroad", self._place_weights(0.0), ids)

    def _place_weights(self, home_share: float) -> Floats:
        cities = places()
        home = (cities["country"] == self.plan.market.country).to_numpy()
        weight = cities["weight"].to_numpy().astype(np.float64)
        weights = np.where(home, weight / weight[home].sum() * home_share, 0.0)
        return weights + np.where(home, 0.0, weight / weight[~home].sum() * (1 - home_share))
