"""What a late, corrected or vanished web event changes, in cases that random shops seldom meet."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.harness.rows_shop import delivery, rows_shop, told
from tests.harness.shop import Load, Shop, store
from tests.property.change_log import File
from tests.property.equality import assert_equal_to_a_clean_load

pytestmark = [pytest.mark.integration, pytest.mark.deep]

SHOP = store("rows")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with rows_shop(tmp_path) as shop:
        yield shop


def load(day: str, *events: dict[str, Any]) -> Load:
    return delivery(day, *(told("events", **({"kind": "page_view"} | event)) for event in events))


def event(name: str, at: str, visitor: str = "v", **more: Any) -> dict[str, Any]:
    return {"event_id": name, "occurred_at": f"2024-04-10 {at}", "visitor_id": visitor, **more}


def sessions(shop: Shop) -> list[tuple[str, str, int]]:
    rows = shop.warehouse.connection.execute(
        "select visitor_id, strftime(started_at, '%H:%M'), events "
        "from staging.main.int_sessions order by all"
    )
    return rows.fetchall()


def test_a_late_event_joins_two_sessions_into_one(shop: Shop) -> None:
    """The joined session keeps the id of the earlier one; nobody else's is touched."""
    first = load(
        "2024-04-10", event("e1", "10:00:00"), event("e3", "10:50:00"), event("e4", "10:00:00", "w")
    )
    assert shop.run(first)
    assert sessions(shop) == [("v", "10:00", 1), ("v", "10:50", 1), ("w", "10:00", 1)]
    before = {row[1] for row in shop.warehouse.rows("fact_sessions")}
    late = load("2024-05-20", event("e2", "10:25:00"))
    assert shop.run(late)
    assert sessions(shop) == [("v", "10:00", 3), ("w", "10:00", 1)]
    after = {row[1] for row in shop.warehouse.rows("fact_sessions")}
    assert after < before


@pytest.mark.parametrize(
    "later",
    [
        load("2024-05-20", event("e2", "10:25:00")),
        load("2024-05-20", event("e1", "10:00:00", "w")),
        load("2024-04-10", event("e3", "10:50:00")),
        load("2024-05-20", event("e1", "09:45:00"), event("e1b", "09:50:00", customer_id="a")),
    ],
    ids=["between two", "of another visitor now", "file replaced", "moved before"],
)
def test_an_event_that_comes_late_or_otherwise_makes_the_sessions_of_a_clean_load(
    shop: Shop, later: Load
) -> None:
    first = load("2024-04-10", event("e1", "10:00:00"), event("e3", "10:50:00"))
    assert_equal_to_a_clean_load(shop, [first, later], SHOP)


def test_a_visitor_gets_an_event_back_whose_correction_is_taken_back(shop: Shop) -> None:
    """The file that gave it to another visitor is replaced: no row that came or went is of v."""
    first = load("2024-04-10", event("e1", "10:00:00"), event("e2", "10:10:00"))
    corrected = load("2024-05-20", event("e2", "10:10:00", "w"), event("e5", "12:00:00", "x"))
    taken_back = load("2024-05-20", event("e5", "12:00:00", "x"))
    assert_equal_to_a_clean_load(shop, [first, corrected, taken_back], SHOP)
    assert sessions(shop) == [("v", "10:00", 2), ("x", "12:00", 1)]


def test_an_event_that_is_told_of_another_day_leaves_its_session_and_comes_back(shop: Shop) -> None:
    """Sessions are made anew from the first on that may have changed: that may be an old one."""
    before = event("e0", "08:00:00"), event("e1", "10:00:00"), event("e2", "10:10:00")
    first = load("2024-04-10", *before, event("e3", "10:20:00"))
    moved = load("2024-04-20", event("e2", "10:10:00") | {"occurred_at": "2024-04-19 09:00:00"})
    assert shop.run(first)
    assert shop.run(moved)
    parts = [("v", "08:00", 1), ("v", "09:00", 1), ("v", "10:00", 2)]
    assert sessions(shop) == parts
    assert shop.run(load("2024-04-21", event("e4", "10:00:00", "w")))
    assert shop.run(load("2024-04-20", event("e5", "11:00:00")))
    assert sessions(shop) == [
        ("v", "08:00", 1),
        ("v", "10:00", 3),
        ("v", "11:00", 1),
        ("w", "10:00", 1),
    ]


def test_only_sessions_from_the_first_changed_one_on_are_made_anew(shop: Shop) -> None:
    """All of a visitor were: every event of years was read for those of a day."""
    old = event("e1", "08:00:00") | {"occurred_at": "2024-04-08 08:00:00"}
    assert shop.run(load("2024-04-10", old, event("e2", "10:00:00")))
    run = shop.warehouse.connection.execute
    run("update staging.main.int_sessions set device = 'kept'")
    late = event("e3", "10:20:00"), event("e4", "23:00:00")
    assert shop.run(load("2024-04-11", *late))
    found = run(
        "select strftime(started_at, '%H:%M'), device from staging.main.int_sessions order by 1"
    )
    assert found.fetchall() == [("08:00", "kept"), ("10:00", None), ("23:00", None)]


def test_a_purchase_of_the_next_month_decides_a_cart_of_the_month_before(shop: Shop) -> None:
    cart = event("e1", "22:00:00", kind="add_to_cart") | {"occurred_at": "2024-04-30 22:00:00"}
    bought = event("e2", "22:00:00", kind="purchase") | {"occurred_at": "2024-05-01 09:00:00"}
    order = ("raw_orders", None, {"order_id": "1", "ordered_at": "2024-05-04 10:00:00"})
    orders = File(date(2024, 5, 4), "-orders", (order,))
    first = load("2024-04-30", cart)
    assert_equal_to_a_clean_load(
        shop,
        [Load(dict(first.files) | {orders.name: orders.content}), load("2024-05-01", bought)],
        SHOP,
    )
    (row,) = shop.warehouse.rows("kpi_cart_abandonment")
    assert row[1:7] == (date(2024, 4, 30), 1, 0, 1, 1, 0)
