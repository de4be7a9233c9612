"""Payments and parcels wait for their orders, count once, and follow what changes about them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.harness.rows_shop import delivery, rows_shop
from tests.harness.shop import Shop
from tests.property.change_log import Row

pytestmark = pytest.mark.integration

MAY = date(2024, 5, 1)
ORDER: list[Row] = [
    (
        "raw_orders",
        None,
        {"order_id": "A", "ordered_at": "2024-05-01 09:00", "status": "paid"},
    ),
    (
        "raw_order_items",
        None,
        {"order_id": "A", "line_number": 1, "quantity": "1", "unit_price": "10"},
    ),
]
# In two parts after a decline, with one of last month; the third parcel is under way.
PAID: list[Row] = [
    ("raw_payments", None, {"payment_id": number, "order_id": "A", **payment})
    for number, payment in {
        "p1": {
            "amount": "7",
            "status": "declined",
            "method": "card",
            "paid_at": "2024-05-01 10:00",
        },
        "p2": {
            "amount": "7",
            "status": "captured",
            "method": "card",
            "paid_at": "2024-05-01 10:01",
        },
        "p3": {"amount": "3", "status": "captured", "method": "Gift Card"},
        "p4": {"amount": "2", "status": "authorised", "paid_at": "2024-04-30 10:00"},
    }.items()
]
SENT: list[Row] = [
    ("raw_shipments", None, {"shipment_id": number, "order_id": "A", "carrier": "dhl", **parcel})
    for number, parcel in {
        "s1": {"promised_on": "2024-05-03", "shipped_at": "2024-05-02 08:00"}
        | {"delivered_at": "2024-05-03 08:00"},
        "s2": {"promised_on": "2024-05-03", "shipped_at": "2024-05-02 08:00"}
        | {"delivered_at": "2024-05-05 08:00"},
        "s3": {"promised_on": "2024-06-10", "shipped_at": "2024-05-04 08:00"},
    }.items()
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with rows_shop(tmp_path) as shop:
        yield shop


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with rows_shop(tmp_path_factory.mktemp("whole")) as shop:
        load(shop, MAY, *ORDER, *PAID, *SENT)
        assert shop.warehouse.failing_tests() == {}
        yield shop


def load(shop: Shop, day: date, *rows: Row) -> None:
    assert shop.run(delivery(f"{day}", *rows))


def ask(shop: Shop, sql: str) -> list[tuple[object, ...]]:
    shop.warehouse.connection.execute("use warehouse")
    try:
        return shop.warehouse.connection.execute(sql).fetchall()
    finally:
        shop.warehouse.connection.execute("use memory")


CONSERVED = "assert_fact_payments_conserves_money"
MIXED = "assert_payment_mix_sums_to_payments"
HELD = "assert_fact_shipments_holds_every_parcel"
FULFILLED = "assert_fulfilment_sums_to_shipments"
ONE_FATE = "assert_every_delivered_row_has_one_fate"
BROKEN = [
    (CONSERVED, "update fact_payments set amount = amount + 0.01"),
    (CONSERVED, "insert into fact_payments from fact_payments limit 1"),
    (CONSERVED, "update fact_payments set status = 'captured'"),
    (CONSERVED, "update fact_payments set paid_on = paid_on + 1"),
    (CONSERVED, "delete from fact_payments where payment_id = 'p3'"),
    *(
        (MIXED, f"update kpi_payment_mix set {column} = {column} + 1")
        for column in (
            "payments", "declined_payments", "captured_payments", "authorised_payments",
            "refunded_payments", "captured_amount", "authorised_amount", "refunded_amount",
            "captured_base_amount", "authorised_base_amount", "refunded_base_amount",
            "captured_share_rate",
        )
    ),
    (MIXED, "delete from kpi_payment_mix where method = 'card'"),
    (HELD, "delete from fact_shipments"),
    (
        HELD,
        "update fact_shipments set promised_on = promised_on + 1",
    ),
    *(
        (
            HELD,
            f"update fact_shipments set {column} = {column} + 1",
        )
        for column in ("days_to_ship", "days_to_deliver")
    ),
    *(
        (
            FULFILLED,
            f"update kpi_fulfilment_monthly set {column} = {column} + 1",
        )
        for column in (
            "shipments", "shipped_shipments", "delivered_shipments", "open_shipments",
            "on_time_shipments", "late_shipments", "avg_days_to_ship", "avg_days_to_deliver",
        )
    ),
    (ONE_FATE, "delete from staging.main.stg_payments"),
    (ONE_FATE, "delete from staging.main.stg_shipments"),
    (ONE_FATE, "update staging.main.stg_payments set amount = 1"),
    (
        ONE_FATE,
        "update staging.main.stg_payments set status = 'declined'",
    ),
    (
        ONE_FATE,
        "update staging.main.stg_shipments set delivered_at = null",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sql"), BROKEN)
def test_what_is_broken_turns_its_test_red(whole: Shop, name: str, sql: str) -> None:
    connection = whole.warehouse.connection
    connection.execute(f"use warehouse; begin transaction; {sql}")
    try:
        assert name in whole.warehouse.failing_tests()
    finally:
        connection.execute("rollback; use memory")


def test_an_order_in_several_payments_and_parcels_multiplies_nothing(whole: Shop) -> None:
    assert ask(
        whole,
        "select paid_month, method, payments, orders, captured_amount, authorised_amount "
        "from kpi_payment_mix order by all",
    ) == [
        (date(2024, 4, 1), "unknown", 1, 1, Decimal(0), Decimal(2)),
        (MAY, "card", 2, 1, Decimal(7), Decimal(0)),
        (MAY, "gift_card", 1, 1, Decimal(3), Decimal(0)),
    ]
    assert ask(whole, "select sum(net_amount) from fact_sales") == [(Decimal(10),)]
    assert ask(
        whole,
        "select carrier, shipments, orders, on_time_shipments, late_shipments, open_shipments "
        "from kpi_fulfilment_monthly",
    ) == [("dhl", 3, 1, 1, 1, 1)]


def test_payments_and_parcels_wait_for_their_order_and_are_released(shop: Shop) -> None:
    load(shop, MAY, *PAID, *SENT)
    assert ask(
        shop,
        "select dataset, reason, count(*), sum(amount) from pending_rows group by all order by 1",
    ) == [
        ("raw_payments", "order_missing", 4, Decimal(19)),
        ("raw_shipments", "order_missing", 3, None),
    ]
    assert ask(shop, "select count(*) from fact_payments") == [(0,)]
    assert shop.warehouse.failing_tests() == {}
    load(shop, date(2024, 5, 6), *ORDER)
    assert ask(shop, "select count(*) from pending_rows") == [(0,)]
    assert ask(shop, "select count(*), sum(amount) from fact_payments") == [(4, Decimal(19))]
    assert ask(shop, "select count(*) from fact_shipments") == [(3,)]
    assert shop.warehouse.failing_tests() == {}


def test_payments_whose_order_never_comes_block_after_the_allowed_days(shop: Shop) -> None:
    load(shop, MAY, *ORDER, ("raw_payments", None, PAID[0][2] | {"order_id": "X"}))
    load(shop, date(2024, 5, 4))
    assert shop.warehouse.failing_tests() == {}
    load(shop, date(2024, 5, 5))
    assert set(shop.warehouse.failing_tests()) == {"assert_pending_rows_are_young"}


def test_a_parcel_becomes_late_by_the_mere_passing_of_days(shop: Shop) -> None:
    """Its order's month is long built when the promise passes; nothing is delivered of it."""
    load(shop, MAY, *ORDER, *SENT)
    late = "select is_on_time from fact_shipments where shipment_id = 's3'"
    kpi = "select late_shipments, on_time_rate from kpi_fulfilment_monthly"
    load(shop, date(2024, 6, 10))
    assert ask(shop, late) == [(None,)]
    assert ask(shop, kpi) == [(1, Decimal("0.5"))]
    shop.warehouse.connection.execute("delete from staging.state.unpublished")
    load(shop, date(2024, 6, 11))
    assert ask(shop, late) == [(False,)]
    assert ask(shop, kpi) == [(2, Decimal("0.333333"))]
    assert ask(shop, "select min(orders_on) from staging.state.unpublished") == [(MAY,)]


def test_a_payment_before_its_order_follows_what_becomes_of_the_order(shop: Shop) -> None:
    """It lies in a month before all that a change of its order would rewrite."""
    load(shop, MAY, *ORDER, *PAID)
    cancelled: Row = ("raw_orders", None, ORDER[0][2] | {"status": "cancelled"})
    load(shop, date(2024, 5, 2), cancelled)
    assert ask(shop, "select distinct is_valid from fact_payments") == [(False,)]


def test_no_card_reaches_a_table_that_is_published(whole: Shop) -> None:
    columns = ask(
        whole,
        "select table_name, column_name from duckdb_columns() where database_name = 'warehouse'",
    )
    assert ("fact_payments", "card_country_code") in columns
    assert not [column for column in columns if "fingerprint" in str(column[1])]
