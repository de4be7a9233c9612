"""Categories, cohort values and basket pairs equal what Python makes of the facts, to the cent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from ecom_assets.home import Home
from ecom_assets.publish.versions import current_folder
from tests.harness.warehouse import Warehouse
from tests.integration.recomputed_kpis import (
    Facts,
    Rows,
    basket_pairs,
    categories,
    cohort_values,
    published,
    read_facts,
)

pytestmark = [pytest.mark.integration, pytest.mark.deep]


@dataclass(frozen=True)
class Known:
    """A store's published tables, and its facts as Python sees them."""

    connection: duckdb.DuckDBPyConnection
    facts: Facts

    def rows(self, table: str, *grain: str) -> Rows:
        return published(self.connection, table, *grain)


@pytest.fixture(scope="module")
def real(year: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """The year of Online Retail, as published."""
    database = current_folder(year) / "warehouse.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        yield Known(connection, read_facts(connection, tmp_path_factory.mktemp("facts")))


@pytest.fixture(scope="module")
def simulated(demo_scale: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """SimMart at demo scale, as built."""
    connection = demo_scale.connection
    connection.execute("use warehouse")
    yield Known(connection, read_facts(connection, tmp_path_factory.mktemp("facts")))
    connection.execute("use memory")


@pytest.fixture(params=["real", "simulated"])
def known(request: pytest.FixtureRequest) -> Known:
    return request.getfixturevalue(request.param)


def assert_equal(found: Rows, expected: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        assert {name: found[key][name] for name in row} == row, key
        assert found[key].keys() - row.keys() <= {"currency_code"}


def test_categories(known: Known) -> None:
    found = known.rows("kpi_category_performance", "store_id", "sales_month", "category")
    assert len(found) >= 3
    assert_equal(found, categories(known.facts))


def test_cohort_values(known: Known) -> None:
    found = known.rows("kpi_cohort_value", "store_id", "cohort_month", "age_days")
    assert sum(row["is_complete"] for row in found.values()) >= 6
    assert_equal(found, cohort_values(known.facts))


def test_basket_pairs(known: Known) -> None:
    grain = ("store_id", "sales_month", "product_id", "other_product_id")
    found = known.rows("kpi_basket_pairs", *grain)
    assert len(found) > 1_000
    assert_equal(found, basket_pairs(known.facts))
