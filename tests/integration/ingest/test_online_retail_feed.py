"""The feed of Online Retail: what each line is, and which rows it gives."""

from decimal import Decimal
from typing import Any

import pytest

from ecom_assets.feeds import shipped_feeds
from ecom_assets.ingest.parts import QUARANTINE
from tests.integration.ingest.lake import Lake, line, raw_text

DATASETS = ("raw_order_items", "raw_refunds", "raw_inventory_movements")
SEEDS = shipped_feeds()["online_retail"].seeds["line_kinds"]

# Six classes of lines, the first that fits


@pytest.mark.parametrize(
    ("invoice", "quantity", "price", "dataset"),
    [
        ("C536379", -1, "27.5", "raw_refunds"),
        ("C536379", 1, "27.5", "raw_refunds"),
        ("C536379", -1, "0", "raw_refunds"),
        ("A563185", 1, "11062.06", "raw_order_items"),
        ("A563186", 1, "-11062.06", "raw_order_items"),
        ("536365", 6, "2.55", "raw_order_items"),
        ("536365", 6, "0", "raw_order_items"),
        ("536589", -10, "0", "raw_inventory_movements"),
    ],
)
def test_a_line_fills_the_dataset_of_its_class(
    lake: Lake, invoice: str, quantity: int, price: str, dataset: str
) -> None:
    lake.load(line(invoice, quantity=quantity, price=price))
    assert [name for name in DATASETS if lake.rows(name)] == [dataset]
    assert lake.quarantine() == []


@pytest.mark.parametrize(
    ("quantity", "price"), [(-1, "2.55"), (0, "2.55"), (0, "0"), (6, "-2.55"), (-6, "-2.55")]
)
def test_a_line_of_no_class_is_unclassified(lake: Lake, quantity: int, price: str) -> None:
    lake.load(line(), line("536366", quantity=quantity, price=price))
    reason = "neither credit note, adjustment, sale, free goods nor stock write-off"
    assert lake.quarantine() == [("2011-08-07.csv", 3, "unclassified", reason)]
    assert {row["document_id"] for row in lake.rows("raw_orders")} == {"536365"}


def test_a_small_c_is_no_credit_note(lake: Lake) -> None:
    lake.load(line("c536379", quantity=-1))
    assert [rule for _, _, rule, _ in lake.quarantine()] == ["unclassified"]


def test_an_adjustment_is_an_order_that_says_so(lake: Lake) -> None:
    lake.load(line("A563186", code="B", quantity=1, price="-11062.06", customer=""))
    (order,), (item,) = lake.rows("raw_orders"), lake.rows("raw_order_items")
    assert (order["order_id"], order["is_adjustment"], order["status"]) == (
        "A563186",
        True,
        "delivered",
    )
    assert (item["line_kind"], item["unit_price"]) == ("adjustment", Decimal("-11062.06"))


# What a line charges for


@pytest.mark.parametrize(("code", "kind"), [(row["code"], row["line_kind"]) for row in SEEDS])
def test_a_seeded_code_has_its_kind_in_sales_and_refunds(lake: Lake, code: str, kind: str) -> None:
    lake.load(line(code=f" {code.lower()} "), line("C536379", code=code, quantity=-1))
    (item,), (refund,) = lake.rows("raw_order_items"), lake.rows("raw_refunds")
    assert (item["product_id"], item["line_kind"]) == (code, kind)
    assert (refund["product_id"], refund["line_kind"]) == (code, kind)


@pytest.mark.parametrize("code", ["85123A", "PADS", "DCGS0003", "gift_0001_99", "POSTAGE"])
def test_every_other_code_is_a_product(lake: Lake, code: str) -> None:
    lake.load(line(code=code))
    assert [row["line_kind"] for row in lake.rows("raw_order_items")] == ["product"]


def test_a_code_is_trimmed_and_upper_case_and_kept_as_delivered(lake: Lake) -> None:
    lake.load(line(code=" 85123a "))
    assert lake.rows("raw_order_items")[0]["product_id"] == "85123A"
    (product,) = lake.rows("raw_products")
    assert (product["product_id"], product["sku"]) == ("85123A", " 85123a ")


# Refunds and write-offs


@pytest.mark.parametrize(("quantity", "amount"), [(-2, "5.1"), (2, "-5.1")])
def test_a_credit_note_gives_back_the_opposite_of_its_line(
    lake: Lake, quantity: int, amount: str
) -> None:
    lake.load(line("C536379", quantity=quantity))
    (refund,) = lake.rows("raw_refunds")
    assert (refund["refund_id"], refund["line_number"], refund["order_id"]) == ("C536379", 1, None)
    assert (refund["quantity"], refund["amount"]) == (-quantity, Decimal(amount))
    assert (refund["customer_id"], refund["country_name"]) == ("17850", "United Kingdom")
    assert f"{refund['refunded_at']}" == "2011-08-07 09:24:00"


def test_a_write_off_moves_stock_and_sells_nothing(lake: Lake) -> None:
    lake.load(line("536589", quantity=-10, price="0"), line("536589", quantity=-3, price="0"))
    rows = lake.rows("raw_inventory_movements")
    assert [(row["movement_id"], row["quantity"]) for row in rows] == [
        ("536589-1", -10),
        ("536589-2", -3),
    ]
    assert {row["kind"] for row in rows} == {"adjustment"}
    assert lake.rows("raw_orders") == []


# Documents


def test_the_earliest_line_dates_an_order_on_the_stores_clock(lake: Lake) -> None:
    times = ("2011-08-07 10:25:00", "2011-08-07 10:24:00")
    lake.load(*(line(at=at, code=at[-5:]) for at in times))
    (order,) = lake.rows("raw_orders")
    assert f"{order['ordered_at']}" == "2011-08-07 09:24:00"


def test_an_order_is_one_row_however_many_lines_it_has(lake: Lake) -> None:
    lake.load(line(code="A"), line(code="B", price="0"), line(code="A"))
    assert len(lake.rows("raw_orders")) == 1
    items = lake.rows("raw_order_items")
    assert [(row["line_number"], row["is_duplicate"]) for row in items] == [
        (1, False),
        (3, False),
        (2, True),
    ]


@pytest.mark.parametrize("other", [{"customer": "12345"}, {"customer": ""}, {"country": "France"}])
def test_two_customers_or_countries_reject_the_whole_order(
    lake: Lake, other: dict[str, str]
) -> None:
    lake.load(line("1"), line("2"), line("2", code="B"), line("2", code="C", **other))
    assert [(row, rule) for _, row, rule, _ in lake.quarantine()] == [
        (3, "conflicting_key"),
        (4, "conflicting_key"),
        (5, "conflicting_key"),
    ]
    for dataset in ("raw_orders", "raw_order_items", "raw_customers"):
        assert {row["document_id"] for row in lake.rows(dataset)} == {"1"}


def test_a_product_mentioned_by_a_rejected_order_only_is_unknown(lake: Lake) -> None:
    lake.load(line("1", code="A"), line("2", code="A"), line("2", code="B", customer="1"))
    (product,) = lake.rows("raw_products")
    assert (product["product_id"], product["source_row"]) == ("A", 2)


def test_a_line_that_two_datasets_reject_counts_once_and_tells_both_reasons(lake: Lake) -> None:
    lake.load(line(quantity=10**8, price="10000000"), line(customer="1"))
    amount = "quantity x unit_price, or the discount, has more than 13 digits before the point"
    conflict = "rows with one order_id differ within one file"
    assert lake.quarantine() == [
        ("2011-08-07.csv", 2, "amount_too_large", f"{amount}; {conflict}"),
        ("2011-08-07.csv", 3, "conflicting_key", conflict),
    ]
    assert lake.files()["2011-08-07.csv"].quarantined == 2


@pytest.mark.parametrize(
    ("wrong", "rule", "reason"),
    [
        ({"invoice": "C1", "quantity": -(2**63)}, "type", "is no whole number"),
        ({"at": "1899-08-09 10:24:00"}, "range", "is not between the years 1995 and 2099"),
        ({"at": "9999-08-09 10:24:00"}, "range", "is not between the years 1995 and 2099"),
    ],
)
def test_one_line_beyond_all_bounds_stops_nothing_but_itself(
    lake: Lake, wrong: dict[str, Any], rule: str, reason: str
) -> None:
    """The number overflowed and ended every load; the years stretched the calendar."""
    lake.load(line("1"), line(**{"invoice": "2", **wrong}))
    ((_, row, broken, told),) = lake.quarantine()
    assert (row, broken) == (3, rule)
    assert reason in told
    assert len(lake.rows("raw_order_items")) == 1


def test_a_country_is_trimmed(lake: Lake) -> None:
    """`France ` was another country than `France`, and a move of the customer."""
    lake.load(line("1", country="France "), line("1", country="France"))
    assert {row["ship_country_name"] for row in lake.rows("raw_orders")} == {"France"}


def test_equal_orders_in_two_files_do_not_conflict(lake: Lake) -> None:
    lake.load(line()).load(line(customer="1"), name="2011-08-08.csv")
    assert lake.quarantine() == []
    assert len(lake.rows("raw_orders")) == 2


# Customers


@pytest.mark.parametrize("number", ["17850.0", "17850", "17850.00"])
def test_a_customer_number_is_whole_however_it_is_written(lake: Lake, number: str) -> None:
    lake.load(line(customer=number))
    assert lake.rows("raw_orders")[0]["customer_id"] == "17850"


@pytest.mark.parametrize("number", ["17850.5", "n/a", "-1", "1e4"])
def test_what_is_no_customer_number_rejects_the_line(lake: Lake, number: str) -> None:
    lake.load(line(customer=number))
    assert [fault[2:] for fault in lake.quarantine()] == [
        ("customer_number", "CustomerID is no whole number")
    ]
    assert raw_text(lake.rows(QUARANTINE)[0])["CustomerID"] == number


def test_a_customer_has_a_row_for_every_document(lake: Lake) -> None:
    lake.load(
        line("1", at="2011-08-07 10:00:00"),
        line("1", code="B", at="2011-08-07 10:01:00"),
        line("C2", quantity=-1, at="2011-08-07 11:00:00", country="France"),
        line("3", customer=""),
    )
    rows = lake.rows("raw_customers")
    assert [(r["customer_id"], r["country_name"], f"{r['updated_at']:%H:%M}") for r in rows] == [
        ("17850", "United Kingdom", "09:00"),
        ("17850", "France", "10:00"),
    ]


def test_an_anonymous_sale_makes_no_customer(lake: Lake) -> None:
    lake.load(line(customer=""))
    assert lake.rows("raw_customers") == []
    assert lake.rows("raw_orders")[0]["customer_id"] is None


# Products


def test_the_last_description_of_the_day_names_a_product(lake: Lake) -> None:
    lake.load(
        line("1", description=" LAST ", at="2011-08-07 12:00:00"),
        line("2", description="FIRST", at="2011-08-07 10:00:00"),
        line("3", description="", at="2011-08-07 13:00:00"),
        line("4", description="free", at="2011-08-07 14:00:00", price="0"),
        line("C5", description="refund", at="2011-08-07 15:00:00"),
    )
    (product,) = lake.rows("raw_products")
    assert (product["name"], product["is_inferred"]) == ("LAST", False)
    assert f"{product['updated_at']}" == "2011-08-07 11:00:00"


@pytest.mark.parametrize(
    "mention",
    [
        line(description="", price="2.55"),
        line(description="  ", price="2.55"),
        line(description="damaged", quantity=-1, price="0"),
        line(description="gift", price="0"),
        line("C1", description="back", quantity=-1),
        line("A1", description="Adjust bad debt", quantity=1),
    ],
)
def test_a_mere_mention_only_proves_that_a_code_is_in_use(lake: Lake, mention: str) -> None:
    lake.load(mention)
    (product,) = lake.rows("raw_products")
    assert (product["product_id"], product["name"]) == ("85123A", None)
    assert product["is_inferred"]


def test_every_product_of_a_day_has_one_row(lake: Lake) -> None:
    lake.load(line(code="a"), line("2", code="A "), line("3", code="B"))
    assert [row["product_id"] for row in lake.rows("raw_products")] == ["A", "B"]


def test_of_two_descriptions_at_one_time_the_higher_document_wins(lake: Lake) -> None:
    lake.load(line("2", description="TWO"), line("1", description="A"), line("1", description="B"))
    assert [row["name"] for row in lake.rows("raw_products")] == ["TWO"]


# Faults of single columns


@pytest.mark.parametrize(
    ("wrong", "rule", "reason"),
    [
        ({"invoice": ""}, "required", "InvoiceNo is missing"),
        ({"code": " "}, "required", "StockCode is missing"),
        ({"country": ""}, "required", "Country is missing"),
        ({"quantity": "6.5"}, "type", "Quantity: 6.5 is no whole number"),
        (
            {"at": "07/08/2011 10:24"},
            "type",
            "InvoiceDate: 07/08/2011 10:24 is no local time of the format YYYY-MM-DD HH:MM:SS",
        ),
        (
            {"price": "2.55555"},
            "type",
            "UnitPrice: 2.55555 is no amount with at most 14 digits and 4 decimals",
        ),
        (
            {"quantity": "x", "price": ""},
            "type",
            "Quantity: x is no whole number; UnitPrice is missing",
        ),
    ],
)
def test_a_wrong_column_rejects_its_line_alone(
    lake: Lake, wrong: dict[str, str], rule: str, reason: str
) -> None:
    lake.load(line(), line(**wrong), line(code="B"))
    assert lake.quarantine() == [("2011-08-07.csv", 3, rule, reason)]
    assert [row["source_row"] for row in lake.rows("raw_order_items")] == [2, 4]


def test_a_row_beyond_its_contract_takes_its_line_out_of_all_datasets(lake: Lake) -> None:
    too_much = line("C1", code="B", quantity=-(10**10), price="100000", customer="1")
    lake.load(line(), too_much, line("C1", code="A", quantity=-1, customer=""))
    reason = "amount: 1000000000000000.0000 is no amount with at most 14 digits and 4 decimals"
    assert lake.quarantine() == [("2011-08-07.csv", 3, "type", reason)]
    assert lake.rows(QUARANTINE)[0]["dataset"] == "raw_refunds"
    assert [row["source_row"] for row in lake.rows("raw_refunds")] == [4]
    assert {row["product_id"] for row in lake.rows("raw_products")} == {"85123A", "A"}
    assert {row["customer_id"] for row in lake.rows("raw_customers")} == {"17850"}
