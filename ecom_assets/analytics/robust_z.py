"""Robust z of each day against the weeks before it, which never hold the day itself.

A day is held against the same weekdays of the eight weeks before, moved on by their trend. How far
days stray is told by all days of these weeks. Medians throughout: an odd day among them moves
neither. All days are worked out at once.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["count", "amount", "share"]

WEEKS = 8
DAYS = 7 * WEEKS
LEAST_DAYS = 28  # of the baseline, and
LEAST_SAME_WEEKDAYS = 4  # of these
# Median absolute deviations in a standard deviation of the normal distribution.
NORMAL = 1.4826
# What is expected is itself a median of eight days and moved on by a trend, and days stray less
# from medians they are part of: simulated noise strays a quarter more from it (test).
UNSURE = 1.25
# The least a day strays, so that a shop with even days does not cry at every order. Square roots
# of Poisson counts stray by a half; of amounts a twentieth, of shares one in a hundred.
LEAST_OF_COUNT = 0.5
LEAST_OF_AMOUNT = 0.05
LEAST_OF_SHARE = 0.01


@dataclass(frozen=True)
class Tested:
    """One element per day; NaN where the baseline is too short or the day has no value.

    Attributes:
        expected: What the baseline leads to expect, in the unit of the values.
        z: How many robust standard deviations the day is from it.
        baseline_days: Days with a value among those of the baseline.
    """

    expected: Array
    z: Array
    baseline_days: NDArray[np.int64]


def robust_z(values: Array, kind: Kind) -> Tested:
    """Tests each day of a series against the 56 days before it.

    Args:
        values: One per calendar day in their order; NaN where there is none.
        kind: Counts and amounts are compared by their square roots, whose spread does not grow
            with them; shares as they are.
    """
    scaled = values if kind == "share" else np.sign(values) * np.sqrt(np.abs(values))
    padded = np.concatenate([np.full(DAYS, np.nan), scaled])
    weeks = sliding_window_view(padded, DAYS)[:-1].reshape(-1, WEEKS, 7)
    present = ~np.isnan(weeks)
    baseline_days = present.sum(axis=(1, 2))
    enough = (baseline_days >= LEAST_DAYS) & (present[:, :, 0].sum(axis=1) >= LEAST_SAME_WEEKDAYS)
    expected, z = np.full(len(values), np.nan), np.full(len(values), np.nan)
    if enough.any():
        center, spread = _baseline(weeks[enough], kind)
        expected[enough] = center if kind == "share" else np.sign(center) * center**2
        z[enough] = (scaled[enough] - center) / spread
    return Tested(expected, z, baseline_days)


def _baseline(weeks: Array, kind: Kind) -> tuple[Array, Array]:
    """Returns what each day is expected to be, and how far days stray, of (days, weeks, 7)."""
    weekdays = _median(weeks, axis=1)  # the first is that of the day itself, 7 days before
    strayed = weeks - weekdays[:, None, :]
    slope = _slope(_median(strayed, axis=2))
    middle = (WEEKS - 1) / 2
    strayed = strayed - slope[:, None, None] * (np.arange(WEEKS) - middle)[None, :, None]
    center = weekdays[:, 0] + slope * (WEEKS - middle)
    spread = NORMAL * UNSURE * _median(np.abs(strayed).reshape(len(weeks), -1), axis=1)
    return center, np.maximum(spread, _least(weekdays, kind))


def _slope(levels: Array) -> Array:
    """Returns the median slope a week between any two of the weekly levels (Theil and Sen)."""
    first, second = np.triu_indices(WEEKS, 1)
    return np.nan_to_num(_median((levels[:, second] - levels[:, first]) / (second - first), axis=1))


def _least(weekdays: Array, kind: Kind) -> Array:
    if kind == "share":
        return np.full(len(weekdays), LEAST_OF_SHARE)
    usual = LEAST_OF_AMOUNT * np.nanmax(np.abs(weekdays), axis=1)
    # a shop that sold nothing in all these weeks: any sale is far from that
    return np.full(len(weekdays), LEAST_OF_COUNT) if kind == "count" else np.maximum(usual, 1e-3)


def _median(values: Array, axis: int) -> Array:
    """Returns medians of what is present; NaN where nothing is, without a warning."""
    ordered = np.sort(values, axis=axis)  # NaN last
    count = (~np.isnan(values)).sum(axis=axis, keepdims=True)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, values.shape[axis] - 1)
    both = np.take_along_axis(ordered, low, axis) + np.take_along_axis(ordered, high, axis)
    return np.squeeze(both / 2, axis)
