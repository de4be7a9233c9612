"""The metric dictionary is whole: every figure has a metric, and every metric what it needs."""

import copy
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecom_assets.analytics.tables import analytics_tables
from ecom_assets.errors import ConfigurationError
from ecom_assets.metrics import __main__ as command
from ecom_assets.metrics.__main__ import PAGE
from ecom_assets.metrics.dictionary import OF_ANALYTICS, Table, published, read_tables
from ecom_assets.metrics.faults import faults
from ecom_assets.metrics.page import page
from ecom_assets.warehouse.project import Project, load_project
from tests.integration.recomputed.registry import BOTH, FITTED, OF_FRAMES, RECOMPUTED

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
    assert not_recomputed(tables, {**RECOMPUTED, **OF_FRAMES}) == set()
    assert {*RECOMPUTED, *OF_FRAMES} == {table.name for table in tables}
    without = {*RECOMPUTED, *OF_FRAMES} - {"kpi_customer_rfm"}
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


def test_tables_of_the_analytics_tell_of_their_metrics_too(tmp_path: Path) -> None:
    assert "1, 5, 2, 7, 4, 6 with a season of two" in page(read_tables(load_project()))
    path = tmp_path / "metrics.yaml"
    told = OF_ANALYTICS.read_text("utf-8")

    def found(change: Callable[[Node], object]) -> list[str]:
        declared = yaml.safe_load(told)
        change(declared)
        path.write_text(yaml.safe_dump(declared))
        return faults(read_tables(load_project(), path))

    assert found(lambda _: None) == []
    value = "kpi_customer_value"
    assert found(lambda all_: all_[value]["metrics"].pop("p_alive")) == [
        f"{value}.p_alive belongs to no metric; list it under the columns of one in the table's "
        "meta, or name its metric under publishes"
    ]
    guard = found(lambda all_: all_[value]["metrics"]["p_alive"].update(guard="`assert_luck`"))
    assert [fault for fault in guard if "assert_luck, which is no test" in fault]
    with pytest.raises(ConfigurationError, match=rf"table {value}: metrics\.p_alive\.clock"):
        found(lambda all_: all_[value]["metrics"]["p_alive"].pop("clock"))
    for change in (lambda all_: all_.pop(value), lambda all_: all_.update(luck={})):
        with pytest.raises(ConfigurationError, match=f"of each and no others: ({value}|luck)$"):
            found(change)


def missing_tests(names: Collection[str]) -> set[str]:
    """Returns those of the tests, named as pytest does, that are not there."""
    root = PAGE.parents[1]
    return {
        name
        for name in names
        if f"\ndef {name.partition('::')[2]}("
        not in (root / name.partition("::")[0]).read_text("utf-8")
    }


def test_tests_that_are_named_as_examples_or_recomputations_are_there() -> None:
    tables = {table.name: table for table in read_tables(load_project())}
    named = {test for name in analytics_tables() for test in tables[name].examples}
    named |= {test for tests in FITTED.values() for test in tests.values()}
    assert len(named) > 5
    assert missing_tests(named) == set()
    assert missing_tests({"tests/graph/test_metrics.py::luck"})
    for table, tests in FITTED.items():
        assert tests.keys() <= {*tables[table].figures}
