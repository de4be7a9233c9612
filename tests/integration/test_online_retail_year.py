"""The real store's year gives exactly the figures that the files and other people give."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.home import Home
from ecom_assets.publish.query import ask
from ecom_assets.settings import settings

pytestmark = pytest.mark.integration

README = Path(__file__).resolve().parents[2] / "README.md"

SALES = "from fact_sales"
RETURNS = "from fact_returns"
CLEAN = (
    "from fact_sales where quantity > 0 and unit_price > 0 "
    "and customer_id is not null and order_id not like 'A%'"
)

FIGURES: dict[str, tuple[str, Any]] = {
    "delivered lines": ("select sum(delivered_rows) from kpi_data_quality", 541_909),
    "accepted + quarantined": (
        "select sum(accepted_rows + quarantined_rows) from kpi_data_quality",
        541_909,
    ),
    "lines in their one place": (
        f"select (select count(*) {SALES}) + (select count(*) {RETURNS})"
        " + (select count(*) from fact_inventory_movements)",
        541_909,
    ),
    "fact_sales lines": (f"select count(*) {SALES}", 531_285),
    "sale lines": (
        f"select count(*) {SALES} where unit_price > 0 and order_id not like 'A%'",
        530_103,
    ),
    "sales": (
        f"select sum(gross_amount) {SALES} where unit_price > 0 and order_id not like 'A%'",
        Decimal("10655622.484"),
    ),
    "free lines": (f"select count(*) {SALES} where unit_price = 0", 1_179),
    "bad-debt lines": (f"select count(*) {SALES} where order_id like 'A%'", 3),
    "bad debt": (
        f"select sum(gross_amount) {SALES} where order_id like 'A%'",
        Decimal("-11062.06"),
    ),
    "fact_sales net": (
        f"select sum(gross_amount - discount_amount) {SALES}",
        Decimal("10644560.424"),
    ),
    "fact_returns lines": (f"select count(*) {RETURNS}", 9_288),
    "given back": (f"select sum(amount) {RETURNS}", Decimal("896812.49")),
    "write-offs": ("select count(*) from fact_inventory_movements", 1_336),
    "in total": (
        f"select (select sum(net_amount) {SALES}) - (select sum(amount) {RETURNS})",
        Decimal("9747747.934"),
    ),
    "total of all days": ("select sum(total_amount) from kpi_sales_daily", Decimal("9747747.934")),
    "documents": (
        f"select (select count(distinct order_id) {SALES})"
        f" + (select count(distinct refund_id) {RETURNS})"
        " + (select count(distinct split_part(movement_id, '-', 1)) from fact_inventory_movements)",
        25_900,
    ),
    "customers": ("select count(distinct customer_id) from dim_customers", 4_372),
    "versions of customers": (
        "select count(*) from dim_customers where customer_key <> '0'",
        4_388,
    ),
    "products": ("select count(distinct product_id) from dim_products", 3_958),
    "countries": ("select count(*) from dim_geography where geography_key <> '0'", 38),
    "gross": ("select sum(gross_amount) from kpi_sales_daily", Decimal("10271433.063")),
    "product refunds": ("select sum(returns_amount) from kpi_sales_daily", Decimal("478724.18")),
    "gift cards": ("select sum(gift_card_amount) from kpi_sales_daily", Decimal("685.81")),
    "counting orders": ("select sum(orders) from kpi_sales_monthly", 19_959),
    "new orders": ("select sum(new_orders) from kpi_sales_monthly", 4_338),
    "returning orders": ("select sum(returning_orders) from kpi_sales_monthly", 14_194),
    "anonymous orders": ("select sum(anonymous_orders) from kpi_sales_monthly", 1_427),
    "units": ("select sum(units) from kpi_sales_daily", 5_577_103),
    "free units": ("select sum(free_units) from kpi_sales_daily", 68_025),
    "clean lines": (f"select count(*) {CLEAN}", 397_884),
    "clean orders": (f"select count(distinct order_id) {CLEAN}", 18_532),
    "clean customers": (f"select count(distinct customer_id) {CLEAN}", 4_338),
    "clean revenue": (f"select sum(gross_amount) {CLEAN}", Decimal("8911407.904")),
    "repeat customers": (
        "select count(*) from (select customer_id "
        f"{CLEAN} group by customer_id having count(distinct order_id) >= 2)",
        2_845,
    ),
    "repeat customers at the end": (
        "select repeat_customers from kpi_customers_monthly order by sales_month desc limit 1",
        2_845,
    ),
    "calendar days": ("select count(*) from kpi_sales_daily", 374),
    "pending rows": ("select count(*) from pending_rows", 0),
}

FIRST_COHORT = [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, None]


@pytest.fixture(autouse=True)
def _own_settings() -> None:
    settings.cache_clear()


@pytest.mark.parametrize("name", FIGURES)
def test_the_year_gives_the_known_figure(year: Home, name: str) -> None:
    sql, expected = FIGURES[name]
    assert ask(year, sql).rows == ((expected,),)


def test_the_first_cohort_comes_back_as_published(year: Home) -> None:
    answer = ask(
        year,
        "select active_customers from kpi_cohort_retention "
        "where cohort_month = date '2010-12-01' order by period",
    )
    assert [row[0] for row in answer.rows] == FIRST_COHORT


def test_every_day_but_saturdays_has_orders_and_closed_days_have_zeros(year: Home) -> None:
    closed = ask(year, "select count(*) from kpi_sales_daily where orders = 0 and total_amount = 0")
    saturdays = ask(
        year, "select sum(orders) from kpi_sales_daily where extract(isodow from sales_on) = 6"
    )
    assert closed.rows == ((374 - 305,),)
    assert saturdays.rows == ((0,),)


def test_eight_customers_moved_and_five_of_them_back(year: Home) -> None:
    moved = ask(
        year,
        "select count(*), count(*) filter (versions = 3 and first_country = last_country) from ("
        " select customer_id, count(*) as versions,"
        " arg_min(country_name, valid_from) as first_country,"
        " arg_max(country_name, valid_from) as last_country"
        " from dim_customers where customer_key <> '0' group by 1 having count(*) > 1)",
    )
    assert moved.rows == ((8, 5),)


def test_each_customer_has_one_segment_at_each_month_end(year: Home) -> None:
    answer = ask(
        year,
        "select count(*), count(distinct (sales_month, customer_id)), count(segment) "
        "from kpi_customer_rfm",
    )
    rows, keys, segments = answer.rows[0]
    assert rows == keys == segments > 0


PUBLISHED = {
    "rows": "select sum(delivered_rows) from kpi_data_quality",
    "invoices": FIGURES["documents"][0],
    "customers": FIGURES["customers"][0],
    "countries": FIGURES["countries"][0],
    "gross_net_value": FIGURES["in total"][0],
    "cancelled_lines": FIGURES["fact_returns lines"][0],
    "cancelled_invoices": f"select count(distinct refund_id) {RETURNS}",
    "cancelled_value": f"select -sum(amount) {RETURNS}",
    "clean_revenue": FIGURES["clean revenue"][0],
    "clean_lines": FIGURES["clean lines"][0],
    "clean_invoices": FIGURES["clean orders"][0],
    "clean_customers": FIGURES["clean customers"][0],
    "repeat_customer_share": (
        "select repeat_rate from kpi_customers_monthly order by sales_month desc limit 1"
    ),
    "negative_quantity_without_cancel_mark": FIGURES["write-offs"][0],
    "bad_debt_lines": FIGURES["bad-debt lines"][0],
    "anonymous_value": (
        f"select (select sum(net_amount) {SALES} where customer_id is null)"
        f" - (select sum(amount) {RETURNS} where customer_id is null)"
    ),
    **{
        f"gross_net_value_{month}": (
            f"select total_amount from kpi_sales_monthly where sales_month = date '{month}-01'"
        )
        for month in [f"2010-{12}", *(f"2011-{number:02}" for number in range(1, 13))]
    },
}


@pytest.mark.external_data
@pytest.mark.parametrize("metric", PUBLISHED)
def test_the_year_gives_the_published_figure(
    year: Home, published_figures: dict[str, Any], metric: str
) -> None:
    figure = published_figures[metric]
    value = ask(year, PUBLISHED[metric]).rows[0][0]
    assert abs(Decimal(str(figure["value"])) - value) <= Decimal(str(figure["tolerance"]))


@pytest.fixture(scope="session")
def published_figures(test_data: Path) -> dict[str, Any]:
    """The figures that other people published for this store, by metric."""
    figures = json.loads((test_data / "published.json").read_text("utf-8"))["figures"]
    return {f["metric"]: f for f in figures if f["dataset"] == "online_retail"}
