"""What the benchmark of a day after years measures."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from benchmarks.child import ChildError
from benchmarks.day import LAST_DAY, MEASURED, SEED, rows_delivered
from ecom_assets.simmart.plan import plan_store
from ecom_assets.simmart.shop import Shop


def orders(years: int) -> list[int]:
    """The orders of the measured days of a shop that does not grow."""
    first = date(LAST_DAY.year - years, LAST_DAY.month, LAST_DAY.day + 1)
    plan = replace(plan_store(0, SEED, "s3", (first, MEASURED[-1])), growth=0)
    return np.diff(Shop(plan).demand.until_day)[-len(MEASURED) :].tolist()


def test_the_measured_days_are_as_large_after_three_years_as_after_one() -> None:
    assert orders(3) == pytest.approx(orders(1), rel=0.05)


def test_the_rows_of_a_load_are_those_it_says() -> None:
    said = "Months 2025-12 to 2025-12: read 35 files with 16,850 rows; accepted 16,850, rejected 0"
    assert rows_delivered(said) == 16_850
    with pytest.raises(ChildError, match="does not say how many rows"):
        rows_delivered("Nothing new.")
