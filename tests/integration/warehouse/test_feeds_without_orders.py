"""A store whose orders come in one feed and all else in another: orders set its horizon."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ecom_assets.analytics.stored import query_of
from ecom_assets.feeds import shipped_feeds
from ecom_assets.stores import FeedOptions
from tests.harness.rows_shop import delivery, order, told
from tests.harness.shop import Load, Shop, store
from tests.property.change_log import feed

pytestmark = pytest.mark.integration

OF_ORDERS = ("raw_orders", "raw_order_items")
CART = [
    told("events", event_id=kind, occurred_at=at, visitor_id="v", kind=kind, product_id="P1")
    for kind, at in (
        ("product_view", "2024-01-05 10:00:00"),
        ("add_to_cart", "2024-01-05 10:01:00"),
    )
]


def refund(number: str, at: str, amount: str, **of: str) -> tuple[str, None, dict[str, str]]:
    return told(
        "refunds", refund_id=number, line_number="1", product_id="P1", quantity="1",
        amount=amount, refunded_at=at, **of,
    )  # fmt: skip


@contextmanager
def opened(root: Path) -> Generator[Shop]:
    """Opens a shop with the feed `rows` for orders, and `web` that fills no orders."""
    rows, web = (feed(name, whole_documents=False) for name in ("rows", "web"))
    others = {dataset: sql for dataset, sql in web.sql.items() if dataset not in OF_ORDERS}
    of_both = {"web": FeedOptions(), "rows": FeedOptions()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(shipped_feeds(), "rows", rows)
        patch.setitem(shipped_feeds(), "web", web.model_copy(update={"sql": others}))
        with Shop(root, store("web").model_copy(update={"feeds": of_both})) as shop:
            yield shop


def deliver(shop: Shop, name: str, load: Load) -> None:
    """Puts a load's files into the inbox of one of the two feeds."""
    shop.feed = name
    shop.deliver(load.files)


def test_the_first_orders_of_a_store_close_the_days_before_them(tmp_path: Path) -> None:
    """Carts stayed open, and months incomplete and without growth, until something else came."""
    earlier = delivery(
        "2024-02-07",
        *CART,
        refund("r1", "2024-01-06 10:00:00", "5.00"),
        refund("r2", "2024-02-06 10:00:00", "9.00"),
    )
    orders = delivery("2024-03-10", *order("1", "2024-03-09 10:00:00", "10.00"))
    carts = "select abandoned_carts, open_carts from warehouse.main.kpi_cart_abandonment"
    with opened(tmp_path / "in turn") as shop, opened(tmp_path / "at once") as clean:
        for name, load in (("web", earlier), ("rows", orders)):
            deliver(shop, name, load)
            deliver(clean, name, load)
            shop.run(Load())
        clean.run(Load())
        assert (1, 0) in clean.warehouse.connection.execute(carts).fetchall()
        assert shop.warehouse.digests() == clean.warehouse.digests()


def test_a_refund_after_the_last_delivery_of_orders_changes_no_purchase(tmp_path: Path) -> None:
    """It lowered what a purchase is expected to be worth as of a day before it."""
    orders = [
        row
        for day in ("11", "12")
        for row in order(day, f"2024-01-{day} 10:00:00", "100", customer_id="c")
    ]
    with opened(tmp_path) as shop:
        deliver(shop, "rows", delivery("2024-01-31", *orders))
        shop.run(Load())
        before = shop.warehouse.connection.execute(query_of("customer_order_days")).fetchall()
        late = refund("r", "2024-02-15 10:00:00", "100", order_id="12")
        deliver(shop, "web", delivery("2024-02-16", late))
        shop.run(Load())
        after = shop.warehouse.connection.execute(query_of("customer_order_days")).fetchall()
        assert after == before
        assert len(before) == 2
