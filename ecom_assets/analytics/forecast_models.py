"""A forecast of one series: three models, the one that would have been best so far, intervals.

Candidates are seasonal naive, ETS and theta of statsforecast. Each forecasts the last windows of
the series from what came before them (rolling origin); one that does not clearly beat seasonal
naive there is not used. Errors: Hyndman and Koehler (2006), "Another look at measures of forecast
accuracy"; their mean relative to naive is the OWA of the M4 competition.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsforecast.models import AutoETS, DynamicOptimizedTheta, SeasonalNaive

Array = NDArray[np.float64]

NAIVE = "seasonal_naive"
LEVELS = (80, 95)
WINDOWS = 2
# A model must come to this share of seasonal naive's errors: less is chance (docs/benchmarks.md).
CLEARLY = 0.95
# Fits that have no answer: of statsforecast and of what it is made of.
NO_FIT = (ValueError, ArithmeticError, np.linalg.LinAlgError)


def _ets(season: int) -> Any:
    # additive errors: a shop's net can be 0 or negative, and its intervals need a formula
    return AutoETS(season, model="AZZ" if season == 1 else "AZA")


CANDIDATES: Mapping[str, Callable[[int], Any]] = {
    NAIVE: SeasonalNaive,
    "ets": _ets,
    "theta": DynamicOptimizedTheta,
}


@dataclass(frozen=True)
class Score:
    """Errors over the windows of a backtest.

    Attributes:
        smape: Mean of 200 |y - f| / (|y| + |f|), in percent up to 200; a day of 0 foreseen is 0.
        mase: Mean absolute error by that of seasonal naive within what it learnt from; None where
            that is 0.
        error: Mean absolute error, in the unit of the series.
    """

    smape: float
    mase: float | None
    error: float

    def relative_to(self, other: "Score") -> float:
        """Returns the mean of both errors by those of another; both have some or none has."""
        if other.error == 0:
            return 1.0 if self.error == 0 else float("inf")
        return (self.error / other.error + self.smape / other.smape) / 2


@dataclass(frozen=True)
class Forecast:
    """A forecast: one element per step ahead.

    Attributes:
        model: The candidate that made it.
        point: What is expected.
        bounds: Lower and upper bound, by level in percent.
        scores: Of each candidate in the backtest; empty where the series is too short for one.
    """

    model: str
    point: Array
    bounds: Mapping[int, tuple[Array, Array]]
    scores: Mapping[str, Score]


def forecast_series(values: Array, season: int, horizon: int) -> Forecast | None:
    """Returns the forecast of a series; None where it has not two seasons.

    Args:
        values: The past, one per step, nothing missing.
        season: Steps of a season.
        horizon: Steps to forecast.
    """
    if len(values) < 2 * season:
        return None
    scores = backtest(values, season, horizon)
    for name in dict.fromkeys((chosen(scores), NAIVE)):
        made = _forecast(name, values, season, horizon)
        if made is not None:
            return Forecast(name, made[0], made[1], scores)
    return None


def chosen(scores: Mapping[str, Score]) -> str:
    """Returns the candidate to forecast with: the best one that clearly beats seasonal naive."""
    if NAIVE not in scores:
        return NAIVE
    relative = {name: score.relative_to(scores[NAIVE]) for name, score in scores.items()}
    best = min(relative, key=lambda name: relative[name])
    return best if relative[best] < CLEARLY else NAIVE


def backtest(values: Array, season: int, horizon: int, windows: int = WINDOWS) -> dict[str, Score]:
    """Returns the scores of the candidates that could forecast every window.

    The last windows of the series do not overlap. Before the first lie three seasons, and no less
    than a horizon, or there are fewer windows; without one, or for a constant series, no scores.
    """
    least = max(3 * season, horizon)
    count = min(windows, (len(values) - least) // horizon)
    if count < 1 or np.ptp(values) == 0:
        return {}
    found: dict[str, Score] = {}
    for name in CANDIDATES:
        parts = [_window(name, values, season, horizon, back) for back in range(count, 0, -1)]
        known = [part for part in parts if part is not None]
        if len(known) == count:
            scales = [part.mase for part in known if part.mase is not None]
            found[name] = Score(
                smape=float(np.mean([part.smape for part in known])),
                mase=float(np.mean(scales)) if len(scales) == count else None,
                error=float(np.mean([part.error for part in known])),
            )
    return found


def score(past: Array, came: Array, foreseen: Array, season: int) -> Score:
    """Returns the errors of one forecast."""
    error = np.abs(came - foreseen)
    size = np.abs(came) + np.abs(foreseen)
    smape = 200 * np.divide(error, size, out=np.zeros_like(error), where=size > 0).mean()
    scale = float(np.abs(past[season:] - past[:-season]).mean())
    mase = float(error.mean()) / scale if scale > 0 else None
    return Score(float(smape), mase, float(error.mean()))


def _window(name: str, values: Array, season: int, horizon: int, back: int) -> Score | None:
    split = len(values) - back * horizon
    past, came = values[:split], values[split : split + horizon]
    made = _forecast(name, past, season, horizon, levels=())
    return None if made is None else score(past, came, made[0], season)


def _forecast(
    name: str, values: Array, season: int, horizon: int, levels: tuple[int, ...] = LEVELS
) -> tuple[Array, dict[int, tuple[Array, Array]]] | None:
    """Returns point and bounds; None where the model has no answer of finite numbers."""
    try:
        made = CANDIDATES[name](season).forecast(y=values, h=horizon, level=list(levels) or None)
    except NO_FIT:
        return None
    point = np.asarray(made["mean"], float)
    bounds = {
        level: (np.asarray(made[f"lo-{level}"], float), np.asarray(made[f"hi-{level}"], float))
        for level in levels
    }
    if not np.isfinite([point, *(bound for pair in bounds.values() for bound in pair)]).all():
        return None
    return point, bounds
