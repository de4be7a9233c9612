"""No published value can be anything: one that is changed turns a blocking data test red."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from ecom_assets.home import Home
from ecom_assets.metrics import dictionary
from ecom_assets.metrics.faults import NAMED
from ecom_assets.warehouse.project import load_project
from tests.harness.corrupter import Column, Corrupter, columns
from tests.harness.simulated import small_shop
from tests.harness.warehouse import Warehouse
from tests.integration.conftest import deliver_shops

pytestmark = pytest.mark.integration

Red = Mapping[str, frozenset[str] | None]

# The columns whose newest value may be changed without a test going red, each with the reason.
UNGUARDED = {
    "dim_channels.is_marketing_channel": "a note on the channel that no figure reads",
    "dim_channels.is_sales_channel": "a note on the channel that no figure reads",
    "dim_payment_methods.provider": "a description that no figure reads",
    "dim_payment_methods.providers": "a description that no figure reads",
    "fact_fraud_signals.evidence": "only a second run of the rules could tell; it is held above "
    "the rule's threshold",
    "fact_fraud_signals.evidence_rate": "only a second run of the rules could tell",
    "kpi_category_performance.orders": "counting what is different would be the model once more",
    "kpi_category_performance.products": "counting what is different would be the model once more",
    "kpi_cohort_value.known_cost_rate": "its parts, lines with and without a cost by the age of "
    "the customer, are in no table",
    "kpi_customer_rfm.frequency_score": "most customers ordered equally often; a test holds that "
    "no better score is that of a worse customer, not who of equals has it",
    "kpi_inventory_status.in_stock_days": "needs all balances of all time; its rate is held",
    "kpi_inventory_status.last_counted_on": "needs all balances of all time; it is held to be no "
    "later than the last balance and to be its day where that was counted",
    "kpi_inventory_turnover.average_value_base_amount": "its parts, values by day, are in no table",
    "kpi_inventory_turnover.stocked_days": "its parts, the days of balances, are in no table; it "
    "is held to be no less than the days on sale",
}
# What two months of two small shops have no value of.
WITHOUT_A_VALUE = {
    "dim_campaigns.valid_to",
    "dim_date.holiday_name",
    "dim_stores.country_code",
    "kpi_sales_monthly.net_growth_on_year_rate",
    "kpi_sales_monthly.orders_growth_on_year_rate",
    *(
        f"pending_rows.{column}"
        for column in ("amount", "pending_days", "pending_since_on", "source_file", "source_row")
    ),
}


@pytest.fixture(scope="module")
def corrupter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrupter]:
    """Two small shops, in euros and in yen, that have everything a large one has."""
    home = Home(tmp_path_factory.mktemp("guarded"))
    deliver_shops(home, [small_shop(0), small_shop(2)])
    with Warehouse(home) as warehouse:
        assert warehouse.build()
        assert warehouse.failing_tests() == {}
        yield Corrupter(warehouse)


@pytest.fixture(scope="module")
def red(corrupter: Corrupter) -> Red:
    """The tests that go red by the column of which one value is changed."""
    return {str(column): corrupter.red_after_a_change(column) for column in columns()}


def test_every_changed_value_turns_a_test_red(red: Red) -> None:
    """Keys, sums and rates of whole tables could be anything: no check compared them."""
    assert {column for column, tests in red.items() if tests == frozenset()} == set(UNGUARDED)
    assert {column for column, tests in red.items() if tests is None} == WITHOUT_A_VALUE


def guards() -> dict[tuple[str, str], list[str]]:
    """Returns the columns that one guard of a table is to hold; metrics may share it."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for table, metric in dictionary.definitions(dictionary.read_tables(load_project())).values():
        if table.name in load_project().gold:
            found[table.name, metric.guard] += metric.columns
    return found


@pytest.mark.parametrize(("table", "guard"), sorted(guards()))
def test_a_guard_names_the_tests_that_hold_its_columns(red: Red, table: str, guard: str) -> None:
    """Some named tests that never went red when a column of their metric was wrong."""
    readers = {test.name: test.models for test in load_project().tests}
    named = {test for test in NAMED.findall(guard) if test in readers}
    noticing = {c: red.get(f"{table}.{c}") or frozenset() for c in guards()[table, guard]}
    unnamed = {c: tests for c, tests in noticing.items() if tests and not tests & named}
    assert unnamed == {}
    # one that does not read the table holds the facts behind it, that of a grain its rows
    direct = {t for t in named if table in readers[t] and not t.startswith("grain_")}
    assert direct - frozenset().union(*noticing.values()) == set()


def test_a_change_is_taken_back(corrupter: Corrupter) -> None:
    changed = Column("kpi_sales_daily", "gross_amount", "decimal(38,4)")
    assert corrupter.red_after_a_change(changed)
    assert corrupter.red() == frozenset()
