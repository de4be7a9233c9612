"""Versions of a customer, told in whatever order; facts take the one of their own moment."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.harness.rows_shop import ask, delivery, order, rows_shop, told
from tests.harness.shop import Shop
from tests.property.change_log import Row

pytestmark = [pytest.mark.integration, pytest.mark.deep]

ORDERS = [
    row
    for month in (1, 2, 3, 4, 5)
    for row in order(str(month), f"2024-0{month}-15 12:00", "10", customer_id="a")
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with rows_shop(tmp_path, "GBP", "Europe/London") as shop:
        yield shop


def change(segment: str, month: int | None, **more: Any) -> Row:
    """A change of customer a on the first of a month of 2024, or of an unknown moment."""
    at = f"2024-0{month}-01 00:00:00" if month else None
    return told("customers", customer_id="a", segment=segment, updated_at=at, **more)


def versions(shop: Shop) -> list[tuple[str, int, int | None]]:
    """Returns each version's segment and the months in which it begins and ends."""
    rows = ask(
        shop,
        "select segment, valid_from, valid_to from dim_customers where customer_id = 'a' "
        "order by valid_from",
    )
    return [(segment, begin.month, end and end.month) for segment, begin, end in rows]


def sold_to(shop: Shop) -> list[str | None]:
    """Returns the segment that the customer had at each order."""
    rows = ask(
        shop,
        "select segment from fact_sales join dim_customers using (store_id, customer_key) "
        "order by order_id",
    )
    return [segment for (segment,) in rows]


THREE = [change("new", 2), change("vip", 3), change("new", 4)]
AS_THEY_CAME = [("new", 2, 3), ("vip", 3, 4), ("new", 4, None)]


@pytest.mark.parametrize(
    "rows", list(permutations(THREE)), ids=["-".join(p) for p in permutations("123")]
)
def test_changes_of_one_delivery_are_versions_in_the_order_of_their_time(
    shop: Shop, rows: Sequence[Row]
) -> None:
    """Back to what it was (A, B, A) is a version too; what was before the first takes the first."""
    assert shop.run(delivery("2024-05-20", *ORDERS, *rows))
    assert versions(shop) == AS_THEY_CAME
    assert sold_to(shop) == ["new", "new", "vip", "new", "new"]
    assert shop.warehouse.failing_tests() == {}


def test_changes_that_come_out_of_order_one_by_one_end_in_the_same(shop: Shop) -> None:
    loads = [(*ORDERS, THREE[2]), (THREE[0],), (THREE[1],)]
    for day, rows in enumerate(loads, 20):
        assert shop.run(delivery(f"2024-05-{day}", *rows))
    assert versions(shop) == AS_THEY_CAME
    assert sold_to(shop) == ["new", "new", "vip", "new", "new"]


def test_a_change_dated_before_the_first_version_is_the_first(shop: Shop) -> None:
    """Orders from before all versions follow it, though they had taken the other."""
    assert shop.run(delivery("2024-05-20", *ORDERS, change("vip", 3)))
    assert sold_to(shop) == ["vip"] * 5
    assert shop.run(delivery("2024-05-21", change("old", 2)))
    assert versions(shop) == [("old", 2, 3), ("vip", 3, None)]
    assert sold_to(shop) == ["old", "old", "vip", "vip", "vip"]
    assert shop.warehouse.failing_tests() == {}


def test_who_is_deleted_and_returns_has_a_version_of_each(shop: Shop) -> None:
    """While deleted, the last that was known holds."""
    assert shop.run(
        delivery(
            "2024-05-20",
            *ORDERS,
            change("new", 2),
            told("customers", customer_id="a", updated_at="2024-03-01", is_deleted="true"),
        )
    )
    gone = "select count(*) from dim_customers where is_deleted and is_current"
    assert ask(shop, gone) == [(1,)]
    assert shop.run(delivery("2024-05-21", change("new", 4)))
    assert versions(shop) == [("new", 2, 3), ("new", 3, 4), ("new", 4, None)]
    deleted = "select is_deleted from dim_customers where customer_id = 'a' order by valid_from"
    assert ask(shop, deleted) == [(False,), (True,), (False,)]
    assert sold_to(shop) == ["new"] * 5
    assert shop.warehouse.failing_tests() == {}


@pytest.mark.parametrize("in_one_file", [True, False])
def test_of_two_changes_at_one_instant_the_later_told_wins(
    shop: Shop, *, in_one_file: bool
) -> None:
    changes = [change("vip", 3), change("new", 2), change("gold", 3)]
    loads = [changes] if in_one_file else [[row] for row in changes]
    for day, rows in enumerate([[*ORDERS, *loads[0]], *loads[1:]], 20):
        assert shop.run(delivery(f"2024-05-{day}", *rows))
    assert versions(shop) == [("new", 2, 3), ("gold", 3, None)]
    assert sold_to(shop) == ["new", "new", "gold", "gold", "gold"]


def test_an_instant_belongs_to_the_version_that_begins_with_it(shop: Shop) -> None:
    at = [("1", "2024-02-29 23:59:59.999999"), ("2", "2024-03-01 00:00:00")]
    orders = [row for number, moment in at for row in order(number, moment, "1", customer_id="a")]
    assert shop.run(delivery("2024-05-20", *orders, change("new", 2), change("vip", 3)))
    assert sold_to(shop) == ["new", "vip"]
    bounds = "select valid_from, valid_to from dim_customers where customer_id = 'a' order by 1"
    march = datetime(2024, 3, 1)  # noqa: DTZ001
    assert [end or begin for begin, end in ask(shop, bounds)] == [march, march]
