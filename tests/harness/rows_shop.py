"""A small shop whose files hold rows of the raw datasets as they are, for examples told by hand."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.feeds import shipped_feeds
from tests.harness.shop import Load, Shop, store
from tests.property.change_log import File, Row, feed


@contextmanager
def rows_feed() -> Generator[None]:
    """Registers the feed `rows`, which delivers rows of raw datasets as they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(shipped_feeds(), "rows", feed("rows", whole_documents=False))
        yield


@contextmanager
def rows_shop(
    root: Path, currency: str = "GBP", timezone: str = "Europe/London"
) -> Generator[Shop]:
    """Opens a shop that nothing has been delivered to; its reports are in GBP."""
    with rows_feed(), Shop(root, store("rows", currency, timezone)) as shop:
        yield shop


def told(dataset: str, **values: Any) -> Row:
    """Returns a row of a raw dataset."""
    return f"raw_{dataset}", None, values


def order(number: str, at: str, *prices: str, **more: Any) -> list[Row]:
    """Returns an order with a line for each price: one unit of P1, of P2 and so on."""
    lines = [
        told(
            "order_items", order_id=number, line_number=n, product_id=f"P{n}",
            quantity="1", unit_price=price,
        )
        for n, price in enumerate(prices, 1)
    ]  # fmt: skip
    head = {"order_id": number, "ordered_at": at, "status": "paid"} | more
    return [told("orders", **head), *lines]


def delivery(day: str, *rows: Row) -> Load:
    """Returns a load before which a file of that day comes."""
    file = File(date.fromisoformat(day), "", rows)
    return Load({file.name: file.content})


def ask(shop: Shop, sql: str) -> list[tuple[Any, ...]]:
    """Returns the rows of a query over gold."""
    shop.warehouse.connection.execute("use warehouse")
    try:
        return shop.warehouse.connection.execute(sql).fetchall()
    finally:
        shop.warehouse.connection.execute("use memory")
