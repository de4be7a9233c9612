"""Every metric of two stores equals what Python makes of the facts, to the last digit.

Of the analytics what is of floating point equals it as far as its column tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.demo import ARCHIVE
from ecom_assets.home import Home
from ecom_assets.metrics import dictionary
from ecom_assets.publish.versions import current_folder
from ecom_assets.warehouse.project import load_project
from tests.harness.simulated import small_shop
from tests.harness.warehouse import Warehouse
from tests.integration.conftest import deliver_shops
from tests.integration.recomputed import delivered
from tests.integration.recomputed.eventful import let_it_happen
from tests.integration.recomputed.facts import Facts, Rows, Table, published, read_facts
from tests.integration.recomputed.frames import computed, computed_frame
from tests.integration.recomputed.predictions import predictions
from tests.integration.recomputed.registry import (
    FITTED,
    OF_FRAMES,
    ONLINE_RETAIL,
    RECOMPUTED,
    SIMMART,
)

pytestmark = [pytest.mark.integration, pytest.mark.deep]


@dataclass(frozen=True)
class Known:
    """A store's published tables, and its facts as Python sees them.

    Attributes:
        warehouse: A connection to which warehouse and staging are attached.
    """

    store: str
    connection: duckdb.DuckDBPyConnection
    facts: Facts
    warehouse: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def real(year: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """The year of Online Retail, as published."""
    folder = tmp_path_factory.mktemp("facts")
    told = {
        "raw.deliveries": folder / "deliveries.parquet",
        "stg_orders": folder / "orders.parquet",
    }
    with duckdb.connect(str(year.warehouse.parent / "staging.duckdb"), read_only=True) as staging:
        for table, path in told.items():
            staging.execute(f"copy {table} to '{path}' (format parquet)")
    database = current_folder(year) / "warehouse.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        facts = read_facts(connection, folder, *(f"'{path}'" for path in told.values()))
        with duckdb.connect(":memory:") as warehouse:
            for name, path in (("warehouse", year.warehouse), ("staging", year.staging)):
                warehouse.execute(f"attach '{path}' as {name} (read_only)")
            yield Known(ONLINE_RETAIL, connection, facts, warehouse)


@pytest.fixture(scope="module")
def simulated(demo_scale: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """SimMart at demo scale and a small shop in yen, as built."""
    connection = demo_scale.connection
    connection.execute("use warehouse")
    facts = read_facts(connection, tmp_path_factory.mktemp("facts"))
    yield Known(SIMMART, connection, facts, connection)
    connection.execute("use memory")


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """Two small shops, in euros and in yen, to which everything happens that may."""
    home = Home(tmp_path_factory.mktemp("eventful"))
    deliver_shops(home, [small_shop(0), small_shop(2)])
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        anew = let_it_happen(warehouse.connection)
        warehouse.build({*anew, *RECOMPUTED})
        warehouse.connection.execute("use warehouse")
        folder = tmp_path_factory.mktemp("facts")
        facts = read_facts(warehouse.connection, folder)
        yield Known(SIMMART, warehouse.connection, facts, warehouse.connection)


@pytest.fixture(params=["real", "simulated", "eventful"])
def known(request: pytest.FixtureRequest) -> Known:
    return request.getfixturevalue(request.param)


def figures(table: str) -> set[str]:
    """Returns the columns of a table that belong to metrics."""
    columns = dictionary.published(dictionary.read_tables(load_project()))
    return {column for places in columns.values() for column in places.get(table, ())}


def differences(found: Rows, expected: Table, columns: set[str]) -> list[str]:
    """Returns what is wrong: rows that only one side has, figures that are not the same."""
    wrong = [f"{key}: only found" for key in found.keys() - expected.keys()]
    wrong += [f"{key}: only expected" for key in expected.keys() - found.keys()]
    for key in found.keys() & expected.keys():
        for column in sorted(columns):
            there, wanted = found[key][column], expected[key][column]
            if there != wanted:
                wrong.append(f"{key}.{column}: {there} is published, {wanted} recomputed")
    return wrong


@pytest.mark.parametrize("table", RECOMPUTED)
def test_every_figure_is_what_python_makes_of_the_facts(known: Known, table: str) -> None:
    recomputed = RECOMPUTED[table]
    found = published(known.connection, table, *load_project().grain(table))
    wrong = differences(found, recomputed.function(known.facts), figures(table))
    assert wrong[:10] == []
    assert bool(found) == (known.store in recomputed.stores)


def is_the_same(there: Any, wanted: Any, decimals: int) -> bool:
    """Whether a figure is what floating point gives, rounded as its column is."""
    if there is None or not isinstance(wanted, float):
        return there == wanted
    return float(there) == pytest.approx(wanted, rel=1e-9, abs=10**-decimals)


@pytest.mark.parametrize("table", OF_FRAMES)
def test_analytics_are_what_python_makes_of_the_facts(
    known: Known, table: str, tmp_path: Path
) -> None:
    found = computed(known.warehouse, table, tmp_path)
    expected = OF_FRAMES[table].function(known.facts)
    assert found
    assert found.keys() == expected.keys()
    named = {name for row in expected.values() for name in row}
    assert named == figures(table) - FITTED[table].keys()
    types = analytics_tables()[table].types
    for key, row in expected.items():
        for column, wanted in row.items():
            there = found[key][column]
            if column == "holdout_orders" and found[key]["holdout_from_on"] is None:
                assert there is None
                continue
            decimals = int(types[column].partition(",")[2].rstrip(")") or 0)
            assert is_the_same(there, wanted, decimals), (key, column, there, wanted)


@pytest.mark.parametrize("shop", ["real", "simulated"])
def test_predictions_are_what_the_formulas_of_the_papers_give(
    shop: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The value was compared with the product of two columns beside it, which tells of neither."""
    known: Known = request.getfixturevalue(shop)
    frame = computed_frame(known.warehouse, "kpi_customer_value", tmp_path)
    expected = predictions(known.facts)
    found = {(row["store_id"], row["customer_id"]): row for row in frame.to_dicts()}
    assert {place for place, row in found.items() if row["p_alive"] is not None} == expected.keys()
    assert len(expected) > 300
    for place, row in expected.items():
        there = {name: found[place][name] for name in row}
        assert there == pytest.approx(row, rel=1e-6), place


def counted(table: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Returns how often each line is there; exact copies are lines of their own."""
    texts = dict.fromkeys(columns, pl.String)
    return table.select(columns).cast(texts).group_by(columns).len().sort(columns)


def test_the_facts_of_the_real_store_are_what_its_files_say(real: Known) -> None:
    told = delivered.lines(ARCHIVE)
    assert told.height == 541_909
    for facts, expected in (
        (real.facts.sales, delivered.sales(told)),
        (real.facts.returns, delivered.returns(told)),
    ):
        found = facts.join(real.facts.geography, on="geography_key", how="left")
        exact = [name for name, kind in expected.schema.items() if kind == delivered.MONEY]
        found = found.with_columns(pl.col(exact).cast(delivered.MONEY))
        assert expected.height == found.height > 9_000
        assert counted(found, expected.columns).equals(counted(expected, expected.columns))


def test_the_samples_have_what_the_figures_are_of(simulated: Known) -> None:
    """A recomputation of zeros and nulls would agree with anything."""
    one_store = "store_id = 'simmart'"
    for sql in (
        "select max(net_growth_on_month_rate) from kpi_sales_monthly",
        f"select sum(lapsed_customers) from kpi_customers_monthly where {one_store}",
        f"select sum(stock_out_days) from kpi_inventory_status where {one_store}",
        "select sum(abandoned_carts) from kpi_cart_abandonment",
        "select count(*) from kpi_sales_daily where gross_amount <> gross_base_amount",
        "select count(distinct segment) - 6 from kpi_customer_rfm",
        "select sum(flagged_orders) from kpi_fraud_daily",
        "select sum(late_shipments) from kpi_fulfilment_monthly",
    ):
        answer = simulated.connection.execute(sql).fetchall()
        assert answer[0][0] > 0, sql


def test_a_figure_that_differs_is_told() -> None:
    found: Rows = {("shop", 1): {"orders": 2, "note": "a"}, ("shop", 2): {"orders": 1}}
    expected: Table = {("shop", 1): {"orders": 3}, ("shop", 3): {"orders": 1}}
    assert differences(found, expected, {"orders"}) == [
        "('shop', 2): only found",
        "('shop', 3): only expected",
        "('shop', 1).orders: 2 is published, 3 recomputed",
    ]


def test_of_floating_point_the_last_digit_of_the_column_may_differ() -> None:
    assert is_the_same(Decimal("0.3333"), 1 / 3, 4)
    assert not is_the_same(Decimal("0.3335"), 1 / 3, 4)
    assert not is_the_same(None, 0.0, 4)
    assert not is_the_same(Decimal(0), None, 4)
