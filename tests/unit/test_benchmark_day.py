"""What the benchmark of a day after years measures."""

import numpy as np
import pytest

from benchmarks.child import ChildError
from benchmarks.day import MEASURED, SEED, first_day, rows_delivered
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.simulate import Simulation


def orders(years: int) -> list[int]:
    """The orders of the measured days of a shop that does not grow."""
    first, last = first_day(years), MEASURED[-1]
    held = Simulation(scale="s3", seed=SEED, stores=1, start=first, end=last, growth=0)
    return np.diff(Shop(held.plan(0)).demand.until_day)[-len(MEASURED) :].tolist()


def test_the_measured_days_are_as_large_after_three_years_as_after_one() -> None:
    assert orders(3) == pytest.approx(orders(1), rel=0.05)


def test_the_rows_of_a_load_are_those_it_says() -> None:
    said = "Months 2025-12 to 2025-12: read 35 files with 16,850 rows; accepted 16,850, rejected 0"
    assert rows_delivered(said) == 16_850
    with pytest.raises(ChildError, match="does not say how many rows"):
        rows_delivered("Nothing new.")
