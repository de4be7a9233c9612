"""The checks over the stock go red when what they hold is broken."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from tests.harness.nodes import data_tests
from tests.harness.rows_shop import rows_feed
from tests.harness.shop import Load, Shop, store
from tests.harness.warehouse import judging_all
from tests.integration.warehouse.broken_stock import BROKEN, TABLES
from tests.property.change_log import File, Row

pytestmark = pytest.mark.integration


def _moved(number: int, kind: str, quantity: int, at: str, **more: str) -> Row:
    row = {"movement_id": str(number), "product_id": "P1", "kind": kind, "warehouse_id": "main"}
    return (
        "raw_inventory_movements",
        None,
        row | {"quantity": str(quantity), "moved_at": at} | more,
    )


def _counted(day: str, quantity: int) -> Row:
    row = {"product_id": "P1", "warehouse_id": "main", "counted_on": day}
    return "raw_inventory_counts", None, row | {"quantity_on_hand": str(quantity)}


ROWS: tuple[Row, ...] = (
    ("raw_products", None, {"product_id": "P1", "name": "mug", "unit_cost": "4"}),
    ("raw_orders", "1", {"order_id": "1", "ordered_at": "2024-01-02 10:00:00", "status": "paid"}),
    (
        "raw_order_items",
        "1",
        {"order_id": "1", "line_number": 1, "product_id": "P1", "quantity": "2", "unit_price": "9"},
    ),
    _moved(1, "receipt", 10, "2024-01-01 08:00:00"),
    _moved(2, "sale", -2, "2024-01-02 23:00:00"),
    _moved(3, "return", 1, "2024-01-20 12:00:00"),
    _moved(4, "transfer", -3, "2024-01-20 12:00:00"),
    _moved(5, "transfer", 3, "2024-01-20 12:00:00", warehouse_id="north"),
    _moved(6, "receipt", 2, "2024-02-01 12:00:00", product_id="P2"),
    _counted("2024-02-03", 5),
)


@pytest.fixture(scope="module")
def registered() -> Iterator[None]:
    with rows_feed():
        yield


@pytest.fixture(scope="module")
def stocked(registered: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    delivered = File(date(2024, 2, 5), "", ROWS)
    with Shop(tmp_path_factory.mktemp("stocked"), store("rows")) as shop:
        assert shop.run(Load({delivered.name: delivered.content}))
        assert shop.warehouse.failing_tests() == {}
        yield shop


def is_red_after(shop: Shop, name: str, sql: str) -> bool:
    """Breaks a table, returns whether a test notices, and takes the damage back."""
    connection = shop.warehouse.connection
    (test,) = (test for test in data_tests() if test.name == name)
    connection.execute(f"use warehouse; begin transaction; {sql}")
    try:
        return (
            connection.execute(f"select * from ({judging_all(test.sql)}) limit 1").fetchone()
            is not None
        )
    finally:
        connection.execute("rollback; use memory")


@pytest.mark.parametrize(
    ("name", "sql"), [(name, sql) for name, broken in BROKEN.items() for sql in broken]
)
def test_what_is_broken_turns_its_test_red(stocked: Shop, name: str, sql: str) -> None:
    assert is_red_after(stocked, name, sql)


@pytest.mark.parametrize("table", TABLES)
def test_a_doubled_row_breaks_the_grain_of_its_table(stocked: Shop, table: str) -> None:
    assert is_red_after(stocked, f"grain_{table}_", f"insert into {table} from {table} limit 1")


def test_a_count_that_finds_less_is_an_adjustment(stocked: Shop) -> None:
    row = stocked.warehouse.connection.execute(
        "select opening_quantity, adjusted_quantity, count_difference_quantity, closing_quantity "
        "from warehouse.main.fact_inventory_daily where counted_quantity is not null"
    ).fetchone()
    assert row == (6, -1, -1, 5)


def test_a_late_movement_before_a_count_changes_nothing_after_it(
    registered: None, tmp_path: Path
) -> None:
    """What was found is what there is: the late sale explains a part of the difference."""
    first = File(date(2024, 2, 5), "", ROWS)
    late = File(date(2024, 2, 6), "", (_moved(7, "sale", -1, "2024-01-25 12:00:00"),))
    with Shop(tmp_path, store("rows")) as shop:
        for file in (first, late):
            assert shop.run(Load({file.name: file.content}))
        rows = shop.warehouse.connection.execute(
            "select stock_on, closing_quantity, count_difference_quantity "
            "from warehouse.main.fact_inventory_daily "
            "where product_id = 'P1' and warehouse_id = 'main' and stock_on > '2024-01-20' "
            "order by stock_on"
        ).fetchall()
    assert rows == [(date(2024, 1, 25), 5, None), (date(2024, 2, 3), 5, 0)]


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("assert_stock_is_conserved", "update {before} set valid_until_on = null"),
        ("assert_stock_is_conserved", "update {before} set valid_until_on = valid_until_on + 1"),
        (
            "grain_fact_inventory_daily_",
            "insert into fact_inventory_daily select * replace (null as valid_until_on) "
            "from {before}",
        ),
    ],
)
def test_what_ends_in_a_tail_is_judged_with_it(
    registered: None, tmp_path: Path, name: str, sql: str
) -> None:
    """The row lies before the tail: nothing of it but its end is written."""
    first = File(date(2024, 2, 5), "", ROWS)
    later = File(date(2024, 2, 6), "", (_moved(7, "sale", -1, "2024-02-05 12:00:00"),))
    with Shop(tmp_path, store("rows")) as shop:
        for file in (first, later):
            assert shop.run(Load({file.name: file.content}))
        assert shop.warehouse.failing_tests(in_tail=True) == {}
        (test,) = (test for test in data_tests() if test.name == name)
        connection = shop.warehouse.connection
        ended = "where valid_until_on = '2024-02-05'"
        broken = sql.format(before="fact_inventory_daily") + f" {ended}"
        connection.execute(f"use warehouse; {broken}")
        assert connection.execute(f"select * from ({test.sql}) limit 1").fetchone()


@pytest.mark.parametrize(
    ("said", "red"),
    [("block", "assert_stock_is_not_below_zero"), ("warn", "warn_stock_below_zero")],
)
def test_stock_below_zero_blocks_or_warns_as_its_store_says(
    registered: None, tmp_path: Path, said: Literal["block", "warn"], red: str
) -> None:
    sold = File(date(2024, 2, 5), "", (*ROWS, _moved(9, "sale", -20, "2024-02-04 12:00:00")))
    says = store("rows").model_copy(update={"stock_below_zero": said})
    with Shop(tmp_path, says) as shop:
        shop.run(Load({sold.name: sold.content}))
        assert list(shop.warehouse.failing_tests()) == [red]
