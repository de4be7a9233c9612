"""The metric dictionary is whole: every figure has a metric, and every metric what it needs."""

import copy
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.metrics import __main__ as command
from ecom_assets.metrics.__main__ import PAGE
from ecom_assets.metrics.dictionary import Table, published, read_tables
from ecom_assets.metrics.faults import faults
from ecom_assets.metrics.page import page
from ecom_assets.warehouse.project import Project, load_project
from tests.integration.recomputed.registry import BOTH, RECOMPUTED

pytestmark = pytest.mark.graph

Node = dict[str, Any]


def changed(model: str, change: Callable[[Node], object]) -> Project:
    """Returns the project with something changed in a model."""
    manifest = dict(load_project().manifest)
    node = copy.deepcopy(manifest["nodes"][f"model.ecom.{model}"])
    change(node)
    manifest["nodes"] = {**manifest["nodes"], f"model.ecom.{model}": node}
    return Project(manifest)


def metrics(node: Node) -> Any:
    return node["config"]["meta"]["metrics"]


def test_nothing_is_wrong_with_the_metrics() -> None:
    assert faults(read_tables(load_project())) == []


def test_the_page_is_what_the_yml_files_say() -> None:
    """To write it anew: uv run python -m ecom_assets.metrics."""
    assert PAGE.read_text("utf-8") == page(read_tables(load_project()))


def test_the_page_is_written_only_when_nothing_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "metrics.md"
    monkeypatch.setattr(command, "PAGE", target)
    broken = changed("kpi_customer_rfm", lambda node: metrics(node)["rfm"].update(guard="luck"))
    monkeypatch.setattr(command, "load_project", lambda: broken)
    assert "the metric rfm: its guard names no check" in str(command.main())
    incomplete = changed("kpi_customer_rfm", lambda node: metrics(node)["rfm"].pop("clock"))
    monkeypatch.setattr(command, "load_project", lambda: incomplete)
    assert "the metric rfm of kpi_customer_rfm: clock" in str(command.main())
    assert not target.exists()
    monkeypatch.setattr(command, "load_project", load_project)
    assert command.main() is None
    assert target.read_bytes() == PAGE.read_bytes()


def test_the_page_changes_with_a_definition_and_with_an_example() -> None:
    project = changed("kpi_customer_rfm", lambda node: metrics(node)["rfm"].update(clock="never"))
    assert "- **Clock**: never\n" in page(read_tables(project))
    manifest = copy.deepcopy(load_project().manifest)
    for unit in manifest["unit_tests"].values():
        if unit["model"] == "kpi_customer_rfm":
            unit["expect"]["rows"][0]["frequency"] = 98_765
    assert "98765" in page(read_tables(Project(manifest)))


def test_the_metrics_of_the_data_model_are_there() -> None:
    assert published(read_tables(load_project())).keys() >= {
        "gross_sales", "returns", "net_sales", "net_sales_by_order_day", "total_sales", "margin",
        "aov", "orders_by_customer", "repeat_rate", "retention", "ltv_observed", "rfm", "churn",
        "cac", "roas", "mer", "roi", "attribution", "funnel", "cart_abandonment", "on_hand",
        "turnover", "sell_through", "days_of_supply", "stock_out_rate",
    }  # fmt: skip


def not_recomputed(tables: tuple[Table, ...], recomputed: Collection[str]) -> set[tuple[str, str]]:
    """Returns the metrics with a table that no function works out once more."""
    return {
        (metric, table)
        for metric, places in published(tables).items()
        for table in places
        if table not in recomputed
    }


def test_every_metric_is_recomputed_wherever_it_is_published() -> None:
    """Each figure of these tables is compared in tests/integration/test_recomputed_kpis.py."""
    tables = read_tables(load_project())
    assert not_recomputed(tables, RECOMPUTED) == set()
    assert RECOMPUTED.keys() == {table.name for table in tables}
    without = RECOMPUTED.keys() - {"kpi_customer_rfm"}
    assert not_recomputed(tables, without) == {("rfm", "kpi_customer_rfm")}


def test_metrics_of_what_both_stores_deliver_are_recomputed_of_both() -> None:
    one_store = {name for name, told in RECOMPUTED.items() if told.stores != BOTH}
    assert one_store == {
        "kpi_payment_mix", "kpi_fulfilment_monthly", "kpi_inventory_status",
        "kpi_inventory_turnover", "kpi_funnel_daily", "kpi_cart_abandonment",
        "kpi_campaign_performance",
    }  # fmt: skip


FIGURE = {"name": "luck_amount", "data_type": "decimal(38,4)", "description": "?"}
WRONG: dict[str, tuple[str, Callable[[Node], object], str]] = {
    "a figure of no metric": (
        "kpi_sales_daily",
        lambda node: node["columns"].update(luck_amount=FIGURE),
        "kpi_sales_daily.luck_amount belongs to no metric",
    ),
    "a figure of two": (
        "kpi_sales_daily",
        lambda node: metrics(node)["aov"]["columns"].append("orders"),
        "kpi_sales_daily.orders belongs to 2 metrics",
    ),
    "a metric without its column": (
        "kpi_sales_hourly",
        lambda node: node["config"]["meta"]["publishes"].append("aov"),
        "kpi_sales_hourly publishes aov and has none of its columns",
    ),
    "a column that is not there": (
        "kpi_sales_daily",
        lambda node: metrics(node)["aov"]["columns"].append("aoov"),
        "the metric aov: aoov is a column of no table",
    ),
    "a guard that names nothing": (
        "kpi_customer_rfm",
        lambda node: metrics(node)["rfm"].update(guard="we are careful"),
        "the metric rfm: its guard names no check",
    ),
    "a guard that is not there": (
        "kpi_customer_rfm",
        lambda node: metrics(node)["rfm"].update(guard="`assert_luck`"),
        "the metric rfm: its guard names assert_luck, which is no test",
    ),
    "an example that is not there": (
        "kpi_customer_rfm",
        lambda node: metrics(node)["rfm"].update(example="luck"),
        "the metric rfm: its example luck is no unit test of kpi_customer_rfm",
    ),
    "an example of something else": (
        "kpi_sales_daily",
        lambda node: metrics(node)["fees"].update(
            example="a_closed_day_has_zeros_and_unknown_ratios"
        ),
        "the metric fees: its example a_closed_day_has_zeros_and_unknown_ratios expects none",
    ),
    "no unit test": (
        "kpi_customer_rfm",
        lambda node: (
            node["columns"].update(luck_amount=FIGURE),
            metrics(node)["rfm"]["columns"].append("luck_amount"),
        ),
        "kpi_customer_rfm.luck_amount (rfm) is expected by no unit test",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_metric_lacks_is_told(name: str) -> None:
    model, change, said = WRONG[name]
    found = faults(read_tables(changed(model, change)))
    assert [fault for fault in found if fault.startswith(said)], found


REFUSED: dict[str, tuple[Callable[[Node], object], str]] = {
    "a field is missing": (
        lambda node: metrics(node)["rfm"].pop("clock"),
        "the metric rfm of kpi_customer_rfm: clock",
    ),
    "a field is empty": (
        lambda node: metrics(node)["rfm"].update(currency=""),
        "the metric rfm of kpi_customer_rfm: currency",
    ),
    "it is defined twice": (
        lambda node: metrics(node).update(aov=metrics(node)["rfm"]),
        "the metric aov is defined by kpi_customer_rfm and by kpi_sales_daily",
    ),
    "it is defined nowhere": (
        lambda node: node["config"]["meta"].update(publishes=["luck"]),
        "kpi_customer_rfm publishes the metric luck, which no table defines",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_dictionary_that_cannot_be_read_is_refused(name: str) -> None:
    change, said = REFUSED[name]
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        faults(read_tables(changed("kpi_customer_rfm", change)))


DECLARED = """\
forecast:
  grain: [store_id, day_on]
  owner: team:analytics
  columns: {store_id: varchar, day_on: date, forecast_amount: "decimal(38,4)"}
  metrics:
    forecast:
      definition: What will be sold.
      formula: the best of three models by backtest
      clock: day
      population: all stores
      currency: the store's
      guard: "`forecast_beats_naive`"
      example: tests/unit/test_forecast.py::test_a_line_goes_on
      columns: [forecast_amount]
  examples: {"tests/unit/test_forecast.py::test_a_line_goes_on": "1, 2, 3 is followed by 4."}
  checks: [forecast_beats_naive]
"""


def test_tables_that_no_model_makes_tell_of_their_metrics_too(tmp_path: Path) -> None:
    (tmp_path / "analytics").mkdir()
    path = tmp_path / "analytics" / "metrics.yaml"
    path.write_text(DECLARED)
    tables = read_tables(load_project(), tmp_path)
    assert faults(tables) == []
    assert "1, 2, 3 is followed by 4." in page(tables)
    path.write_text(DECLARED.replace("      clock: day\n", ""))
    with pytest.raises(ConfigurationError, match=r"table forecast: metrics\.forecast\.clock"):
        read_tables(load_project(), tmp_path)
