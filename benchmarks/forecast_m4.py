"""The forecast's own choice of models on the M4 competition's hourly and weekly series.

All 414 hourly (48 steps, season 24) and 359 weekly ones (13 steps, season 1), with the code that
makes ``forecast_sales_daily``, on one core. ``ECOM_TEST_DATA`` names the folder that holds ``m4/``.
Run it with ``uv run python -m benchmarks.forecast_m4``.
"""

import csv
import gzip
import os
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecom_assets.analytics.forecast_models import (
    CANDIDATES,
    LEVELS,
    NAIVE,
    Score,
    forecast_series,
    score,
)

Array = NDArray[np.float64]
PUBLISHED = {"Hourly": (13.912, 1.193), "Weekly": (9.161, 2.777)}  # of seasonal naive


@dataclass(frozen=True)
class Frequency:
    """A set of series: its name, season and horizon."""

    name: str
    season: int
    horizon: int


@dataclass
class Result:
    """What came of a set of series."""

    naive: list[Score]
    ours: list[Score]
    chosen: Counter[str]
    covered: dict[int, list[float]]
    seconds: float


FREQUENCIES = (Frequency("Hourly", 24, 48), Frequency("Weekly", 1, 13))


def series_of(folder: Path, frequency: Frequency, every: int = 1) -> Iterator[tuple[Array, Array]]:
    """Yields the past and the future of each series, or of one in so many."""
    with gzip.open(folder / f"{frequency.name}-train.csv.gz", "rt") as train:
        past = {row[0]: _numbers(row) for row in list(csv.reader(train))[1:]}
    with (folder / f"{frequency.name}-test.csv").open() as test:
        future = {row[0]: _numbers(row) for row in list(csv.reader(test))[1:]}
    for name in list(past)[::every]:
        yield past[name], future[name]


def measured(folder: Path, frequency: Frequency, every: int = 1) -> Result:
    """Forecasts the series and returns the errors."""
    started = time.process_time()
    result = Result([], [], Counter(), {level: [] for level in LEVELS}, 0)
    for past, came in series_of(folder, frequency, every):
        made = forecast_series(past, frequency.season, frequency.horizon)
        if made is None:
            raise ValueError(f"a series of {frequency.name} is too short to forecast")
        naive = CANDIDATES[NAIVE](frequency.season).forecast(y=past, h=frequency.horizon)["mean"]
        result.naive.append(score(past, came, naive, frequency.season))
        result.ours.append(score(past, came, made.point, frequency.season))
        result.chosen[made.model] += 1
        for level, (low, high) in made.bounds.items():
            result.covered[level].append(float(((came >= low) & (came <= high)).mean()))
    result.seconds = time.process_time() - started
    return result


def means(scores: Sequence[Score]) -> tuple[float, float]:
    """Returns sMAPE and MASE, averaged over series; a constant series has no MASE."""
    mases = [one.mase for one in scores if one.mase is not None]
    return float(np.mean([one.smape for one in scores])), float(np.mean(mases))


def _numbers(row: Sequence[str]) -> Array:
    return np.array([float(value) for value in row[1:] if value])


def main() -> None:
    """Prints both errors of the choice and of seasonal naive, beside the published ones."""
    warnings.filterwarnings("ignore")  # of models that are tried and not chosen
    folder = Path(os.environ["ECOM_TEST_DATA"]) / "m4"
    for frequency in FREQUENCIES:
        result = measured(folder, frequency)
        ours, naive = means(result.ours), means(result.naive)
        covered = ", ".join(f"{k} %: {np.mean(v):.1%}" for k, v in result.covered.items())
        print(f"{frequency.name}: {len(result.ours)} series, {result.seconds:.0f} s of processor")
        print(
            f"  published seasonal naive  sMAPE {PUBLISHED[frequency.name][0]:7.3f}"
            f"  MASE {PUBLISHED[frequency.name][1]:.3f}"
        )
        print(f"  seasonal naive            sMAPE {naive[0]:7.3f}  MASE {naive[1]:.3f}")
        print(f"  chosen by backtest        sMAPE {ours[0]:7.3f}  MASE {ours[1]:.3f}")
        print(f"  chosen: {dict(result.chosen.most_common())}; within the intervals {covered}")


if __name__ == "__main__":
    main()
