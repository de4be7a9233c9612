"""What becomes of an order's money: exchanged, paid with a gift card, called off, given back."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.harness.rows_shop import ask, delivery, order, rows_shop, told
from tests.harness.shop import Shop
from tests.property.change_log import Row

pytestmark = [pytest.mark.integration, pytest.mark.deep]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with rows_shop(tmp_path, "GBP", "Europe/London") as shop:
        yield shop


def refund(number: str, at: str, amount: str, **more: Any) -> Row:
    row = {"refund_id": f"r{number}", "line_number": 1, "order_id": number, "product_id": "P1"}
    return told("refunds", **row, quantity="1", amount=amount, refunded_at=at, **more)


def paid(number: str, amount: str, method: str, status: str = "captured") -> Row:
    payment = f"{number}-{method}-{status}"
    row = {"payment_id": payment, "order_id": number, "method": method}
    return told("payments", **row, amount=amount, status=status)


def days(shop: Shop, *columns: str) -> list[tuple[Any, ...]]:
    """Returns the days on which something happened."""
    told = ", ".join(columns)
    return ask(
        shop,
        f"select sales_on, {told} from kpi_sales_daily "
        "where orders <> 0 or net_amount <> 0 or gift_card_amount <> 0 order by 1",
    )


def test_an_exchange_is_a_return_and_a_sale_on_its_own_day(shop: Shop) -> None:
    """The mug of 30 comes back a week later for one of 50: the customer pays 20."""
    assert shop.run(
        delivery(
            "2024-05-08",
            *order("1", "2024-05-01 12:00", "30", customer_id="a"),
            paid("1", "30", "card"),
            refund("1", "2024-05-08 12:00", "30", is_restocked="true", reason="exchange"),
            *order("2", "2024-05-08 12:00", "50", customer_id="a"),
            paid("2", "30", "exchange"),
            paid("2", "20", "card"),
        )
    )
    assert shop.warehouse.failing_tests() == {}
    shown = ("orders", "gross_amount", "returns_amount", "net_amount", "net_by_order_date_amount")
    assert days(shop, *shown) == [
        (date(2024, 5, 1), 1, 30, 0, 30, 0),
        (date(2024, 5, 8), 1, 50, 30, 20, 50),
    ]
    assert ask(shop, "select sum(captured_amount) from kpi_payment_mix") == [(80,)]


def test_a_gift_card_counts_when_sold_and_what_it_pays_when_bought(shop: Shop) -> None:
    """A card of 25 is sold beside goods of 10; later it pays a part of goods of 40."""
    card = told(
        "order_items", order_id="1", line_number=2, line_kind="gift_card",
        quantity="1", unit_price="25",
    )  # fmt: skip
    assert shop.run(
        delivery(
            "2024-05-08",
            *order("1", "2024-05-01 12:00", "10"),
            card,
            paid("1", "35", "card"),
            *order("2", "2024-05-08 12:00", "40"),
            paid("2", "25", "gift card"),
            paid("2", "15", "card"),
        )
    )
    assert shop.warehouse.failing_tests() == {}
    assert days(shop, "gross_amount", "net_amount", "gift_card_amount", "total_amount") == [
        (date(2024, 5, 1), 10, 10, 25, 35),
        (date(2024, 5, 8), 40, 40, 0, 40),
    ]
    mix = "select method, captured_amount, orders from kpi_payment_mix order by 1"
    assert ask(shop, mix) == [("card", 50, 2), ("gift_card", 25, 1)]


@pytest.mark.parametrize("status", ["cancelled", "voided"])
def test_an_order_called_off_nets_to_zero_with_all_that_hung_on_it(shop: Shop, status: str) -> None:
    """Discounts, shipping, tax, a part given back before: nothing of it stays, whichever the order.

    It had three payments, two parcels and two lines: no join multiplies what is reversed.
    """
    told_of = {"shipping_amount": "4.99", "order_discount_amount": "5", "customer_id": "a"}
    parcels = [
        told("shipments", shipment_id=n, order_id="1", shipped_at="2024-05-02 08:00")
        for n in ("s1", "s2")
    ]
    first = delivery(
        "2024-05-03",
        *order("1", "2024-05-01 12:00", "30", "20", updated_at="2024-05-01 12:00", **told_of),
        paid("1", "10", "card"),
        paid("1", "39.99", "gift card"),
        paid("1", "39.99", "card", "declined"),
        *parcels,
        refund("1", "2024-05-03 12:00", "7"),
    )
    called_off = {"status": status, "updated_at": "2024-05-10 12:00"}
    second = delivery(
        "2024-05-10",
        told("orders", order_id="1", ordered_at="2024-05-01 12:00", **told_of, **called_off),
    )
    assert shop.run(first)
    shown = ("gross_amount", "discount_amount", "returns_amount", "net_amount", "shipping_amount")
    cents = Decimal("4.99")
    assert days(shop, *shown) == [
        (date(2024, 5, 1), 50, 5, 0, 45, cents),
        (date(2024, 5, 3), 0, 0, 7, -7, 0),
    ]
    assert shop.run(second)
    assert shop.warehouse.failing_tests() == {}
    assert days(shop, *shown) == [
        (date(2024, 5, 1), 50, 5, 0, 45, cents),
        (date(2024, 5, 3), 0, 0, 7, -7, 0),
        (date(2024, 5, 10), 0, 0, 38, -38, -cents),
    ]
    assert ask(shop, "select sum(total_amount), sum(orders) from kpi_sales_daily") == [(0, 0)]


def test_a_refund_of_what_waits_for_its_rate_is_no_refund_of_too_much(tmp_path: Path) -> None:
    """The sale was not yet in the facts, so that all that came back seemed never to be sold."""
    with rows_shop(tmp_path, "EUR", "Europe/London") as shop:
        rate = {"currency_code": "EUR", "rate_to_base": "0.8"}
        sold, back = "2024-05-01 12:00", "2024-05-02 12:00"
        assert shop.run(
            delivery(
                "2024-05-02",
                *order("1", sold, "30"),
                refund("1", back, "10"),
                told("fx_rates", rate_on="2024-05-02", **rate),
            )
        )
        assert shop.warehouse.failing_tests().keys() == {"assert_pending_rows_are_young"}
        assert shop.run(delivery("2024-05-03", told("fx_rates", rate_on="2024-05-01", **rate)))
        assert shop.warehouse.failing_tests() == {}
        assert shop.run(delivery("2024-05-04", refund("1", back, "31")))
        assert shop.warehouse.failing_tests().keys() == {"warn_refunds_are_of_what_was_sold"}
