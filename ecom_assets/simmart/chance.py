"""Chance that depends on what it decides, never on when it is drawn.

Every draw is a hash of (seed, purpose, ids). So the shop's 40th day is the same whether it is
simulated alone, after the 39 before it, or with a year behind it, and no draw moves another.
Only whole-number and exactly rounded operations are used: the same bytes on every machine.
"""

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
SECOND_FACTOR = np.uint64(0x94D049BB133111EB)
MANTISSA_BITS = 53

# Quantiles by interpolation, for logarithms and cosines differ between processors.
_STEPS = 4096
_KNOTS: Floats = (np.arange(_STEPS) + 0.5) / _STEPS
_NORMAL: Floats = np.array([round(NormalDist().inv_cdf(float(knot)), 12) for knot in _KNOTS])

_EXPONENTIAL: Floats = np.array([round(-math.log1p(-float(knot)), 12) for knot in _KNOTS])


@lru_cache(maxsize=64)
def _lognormal(spread: float) -> Floats:
    return np.array([round(math.exp(spread * float(x)), 12) for x in _NORMAL])


def mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Returns numbers whose every bit depends on every bit of those given."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * FIRST_FACTOR
    mixed = (mixed ^ (mixed >> np.uint64(27))) * SECOND_FACTOR
    return mixed ^ (mixed >> np.uint64(31))


@dataclass(frozen=True)
class Chance:
    """The draws of one store.

    Attributes:
        seed: The simulation's seed.
        store: The store's id, so that two stores share nothing.
    """

    seed: int
    store: str

    def bits(self, purpose: str, *ids: ArrayLike) -> NDArray[np.uint64]:
        """Returns 64 random bits for each combination of ids (broadcast against each other)."""
        name = f"{self.seed}/{self.store}/{purpose}".encode()
        state = np.uint64(int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big"))
        with np.errstate(over="ignore"):
            found = np.asarray(state)
            for number in ids:
                found = mix(found + (np.asarray(number).astype(np.uint64) + np.uint64(1)) * GOLDEN)
        return found

    def uniform(self, purpose: str, *ids: ArrayLike) -> Floats:
        """Returns numbers of [0, 1)."""
        whole = self.bits(purpose, *ids) >> np.uint64(64 - MANTISSA_BITS)
        return whole.astype(np.float64) * 2.0**-MANTISSA_BITS

    def whole(self, purpose: str, first: ArrayLike, last: ArrayLike, *ids: ArrayLike) -> Ints:
        """Returns whole numbers from first to last, both included."""
        low = np.asarray(first)
        width = np.asarray(last) - low + 1
        return (low + np.floor(self.uniform(purpose, *ids) * width)).astype(np.int64)

    def normal(self, purpose: str, *ids: ArrayLike) -> Floats:
        """Returns standard normal numbers, within 3.7 standard deviations."""
        return np.interp(self.uniform(purpose, *ids), _KNOTS, _NORMAL)

    def lognormal(self, purpose: str, spread: float, *ids: ArrayLike) -> Floats:
        """Returns lognormal numbers of median 1."""
        return np.interp(self.uniform(purpose, *ids), _KNOTS, _lognormal(spread))

    def exponential(self, purpose: str, *ids: ArrayLike) -> Floats:
        """Returns exponential numbers of mean 1, up to 9."""
        return np.interp(self.uniform(purpose, *ids), _KNOTS, _EXPONENTIAL)

    def happens(self, purpose: str, probability: ArrayLike, *ids: ArrayLike) -> NDArray[np.bool_]:
        """Returns whether something of this probability happens."""
        return self.uniform(purpose, *ids) < np.asarray(probability, dtype=np.float64)

    def pick(self, purpose: str, weights: ArrayLike, *ids: ArrayLike) -> Ints:
        """Returns positions of `weights`, each as often as its weight says."""
        cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
        drawn = self.uniform(purpose, *ids) * cumulative[-1]
        return np.minimum(
            np.searchsorted(cumulative, drawn, side="right"), len(cumulative) - 1
        ).astype(np.int64)
