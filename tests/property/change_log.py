"""A feed that exists in tests only, and random logs for it: any change of any dataset.

Online Retail names no order in a credit note and knows no status, cost, discount or rate. The feed
here delivers rows of the raw datasets as they are: one line has the dataset and the row as JSON.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from ecom_assets.contracts import load_contracts
from ecom_assets.feeds import Feed

DATASETS = (
    "raw_campaign_spend", "raw_campaigns", "raw_customers", "raw_events", "raw_fx_rates",
    "raw_inventory_counts", "raw_inventory_movements", "raw_order_items", "raw_orders",
    "raw_payments", "raw_products", "raw_refunds", "raw_shipments",
)  # fmt: skip
HEADER = ("Dataset", "Document", "Row")

Row = tuple[str, str | None, dict[str, Any]]


def feed(name: str, *, whole_documents: bool) -> Feed:
    """Returns the feed; with whole documents, an order delivered again replaces the old one."""
    sql = {dataset: _sql(dataset, whole_documents=whole_documents) for dataset in DATASETS}
    return Feed.model_validate(_said(name, whole_documents=whole_documents) | {"sql": sql})


def write_feed(folder: Path, *, whole_documents: bool) -> None:
    """Writes the feed as one of a home's own, named as its folder."""
    folder.mkdir(parents=True)
    said = _said(folder.name, whole_documents=whole_documents)
    (folder / "feed.yaml").write_text(yaml.safe_dump(said))
    for dataset in DATASETS:
        sql = _sql(dataset, whole_documents=whole_documents)
        (folder / f"{dataset.removeprefix('raw_')}.sql").write_text(sql)


def _said(name: str, *, whole_documents: bool) -> dict[str, Any]:
    return {
        "feed": name,
        "description": "Rows of raw datasets as JSON.",
        "owner": "team:tests",
        "pattern": r"\d{4}-\d{2}-\d{2}.*\.csv",
        "example": "2026-03-31.csv",
        "delivered_on": {"from": "name", "pattern": r"(\d{4}-\d{2}-\d{2})"},
        "document": "document" if whole_documents else None,
        "columns": [
            {"name": "dataset", "header": "Dataset", "required": True},
            {"name": "document", "header": "Document"},
            {"name": "content", "header": "Row", "required": True},
        ],
    }


def _sql(dataset: str, *, whole_documents: bool) -> str:
    values = "".join(
        f", content ->> '{column.name}' as {column.name}"
        for column in load_contracts()[dataset].columns
    )
    document = ", document_id" if whole_documents else ""
    return f"select file_no, source_row{document}{values} from lines where dataset = '{dataset}'"


@dataclass(frozen=True)
class File:
    """A delivered file: its day, what tells it from others of the day, and its rows."""

    day: date
    suffix: str
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The file's name, which tells its delivery day."""
        return f"{self.day}{self.suffix}.csv"

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for dataset, document, values in self.rows:
            told = {name: value for name, value in values.items() if value is not None}
            writer.writerow([dataset, document, json.dumps(told, default=str)])
        return text.getvalue().encode()


DAYS = [date(2024, 1, 1) + timedelta(n) for n in (0, 30, 31, 59, 60, 90, 91, 120)]
LATE_DAYS = DAYS[3:]
CLOCK = [time(0), time(12), time(23, 30)]
ORDERS = ["1", "2"]
CUSTOMERS = ["a", "b"]
PRODUCTS = ["P1", "P2"]
CAMPAIGNS = ["c1", "c2"]
KINDS = ["product", "product", "product", "shipping", "fee", "discount", "gift_card"]
STATUSES = ["paid", "delivered", "cancelled", "voided"]


def pick(*values: Any) -> st.SearchStrategy[Any]:
    """Draws one of the values."""
    return st.sampled_from(values)


COUNTRY = pick(None, "France", "Atlantis")
ITEM = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from(ORDERS),
        "line_number": pick(1, 2, 3),
        "product_id": st.none() | st.sampled_from(PRODUCTS),
        "line_kind": st.sampled_from(KINDS),
        "quantity": pick("1", "2", "0.5", "-1"),
        "unit_price": pick("0", "9.99", "10.01", "100"),
        "discount_amount": pick(None, "0.50"),
        "tax_amount": pick(None, "1.67"),
    }
)


def _order(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "order_id": st.sampled_from(ORDERS),
            "customer_id": st.none() | st.sampled_from(CUSTOMERS),
            "ordered_at": moments,
            "status": st.sampled_from(STATUSES),
            "channel": pick(None, "web", "email"),
            "campaign_id": st.none() | st.sampled_from(CAMPAIGNS),
            "ship_country_name": COUNTRY,
            "ship_region": pick(None, "Nord"),
            "shipping_amount": pick(None, "4.99"),
            "order_discount_amount": pick(None, "1.00", "3.33"),
            "is_test": pick(None, None, None, "true"),
            "updated_at": st.none() | moments,
        }
    )


def _refund(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "refund_id": pick("r1", "r2"),
            "line_number": pick(1, 2),
            "order_id": st.none() | st.sampled_from(ORDERS),
            "line_kind": st.sampled_from(KINDS),
            "product_id": st.none() | st.sampled_from(PRODUCTS),
            "customer_id": st.none() | st.sampled_from(CUSTOMERS),
            "country_name": COUNTRY,
            "quantity": pick("1", "-1"),
            "amount": pick("5", "9.99", "-2"),
            "tax_amount": pick(None, "0.83"),
            "is_restocked": pick(None, "true"),
            "refunded_at": moments,
        }
    )


def _return(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "refund_id": pick("r1", "r3"),
            "line_number": pick(1),
            "order_id": st.sampled_from(ORDERS),
            "quantity": pick("0"),
            "amount": pick("0"),
            "is_restocked": pick(None, "true"),
            "is_whole_order": pick("true"),
            "refunded_at": moments,
        }
    )


def _product(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "product_id": st.sampled_from(PRODUCTS),
            "name": pick("mug", "cup"),
            "category": pick(None, "table", "shelf"),
            "unit_cost": pick(None, "1.25", "3.00"),
            "reorder_point": pick(None, "3"),
            "is_active": pick(None, "false"),
            "is_inferred": pick(None, None, "true"),
            "is_deleted": pick(None, None, None, "true"),
            "updated_at": st.none() | moments,
        }
    )


def _customer(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(CUSTOMERS),
            "country_name": COUNTRY,
            "segment": pick("new", "vip"),
            "is_deleted": pick(None, None, None, "true"),
            "updated_at": st.none() | moments,
        }
    )


def _movement(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "movement_id": pick("m1", "m2", "m3"),
            "product_id": st.sampled_from(PRODUCTS),
            "warehouse_id": pick(None, "main"),
            "kind": pick("receipt", "sale", "return", "transfer", "adjustment"),
            "quantity": pick("10", "-1"),
            "moved_at": moments,
        }
    )


CAMPAIGN = st.fixed_dictionaries(
    {
        "campaign_id": st.sampled_from(CAMPAIGNS),
        "channel": pick(None, "search", "email"),
        "budget_amount": pick(None, "100"),
    }
)


def _spend(days: Sequence[date]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "campaign_id": st.sampled_from(CAMPAIGNS),
            "spend_on": st.sampled_from(days),
            "impressions": pick(None, "900"),
            "clicks": pick("0", "30"),
            "spend_amount": pick("5", "9.99"),
        }
    )


def _payment(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "payment_id": pick("p1", "p2", "p3"),
            "order_id": st.sampled_from(ORDERS),
            "method": pick(None, "card", "Card", "gift card"),
            "provider": pick(None, "acquira"),
            "amount": pick("9.99", "0", "100"),
            "status": pick("authorised", "captured", "captured", "declined", "refunded"),
            "paid_at": st.none() | moments,
        }
    )


def _count(days: Sequence[date]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "product_id": st.sampled_from(PRODUCTS),
            "warehouse_id": pick("main"),
            "counted_on": st.sampled_from(days),
            "quantity_on_hand": pick("0", "7"),
        }
    )


def _event(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "event_id": pick("e1", "e2", "e3", "e4"),
            "occurred_at": st.builds(
                lambda at, minutes: at + timedelta(minutes=minutes), moments, pick(0, 20, 40, 60)
            ),
            "visitor_id": pick("v", "w"),
            "customer_id": st.none() | st.sampled_from(CUSTOMERS),
            "kind": pick("page_view", "product_view", "add_to_cart", "checkout_start", "purchase"),
            "order_id": st.none() | st.sampled_from(ORDERS),
            "utm_medium": pick(None, None, "email"),
            "utm_campaign": st.none() | st.sampled_from(CAMPAIGNS),
        }
    )


def _shipment(moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    two = st.tuples(st.none() | moments, st.none() | moments)
    return st.builds(
        lambda row, pair: row | _in_order(*pair),
        st.fixed_dictionaries(
            {
                "shipment_id": pick("s1", "s2", "s3"),
                "order_id": st.sampled_from(ORDERS),
                "carrier": pick(None, "dhl", "ups"),
                "promised_on": st.none() | st.sampled_from(DAYS),
            }
        ),
        two,
    )


def _in_order(one: datetime | None, other: datetime | None) -> dict[str, datetime | None]:
    """A parcel arrives no earlier than it leaves."""
    if one and other and one > other:
        one, other = other, one
    return {"shipped_at": one, "delivered_at": other}


def _rate(day: date, rate: str = "0.8") -> Row:
    return "raw_fx_rates", None, {"rate_on": day, "currency_code": "EUR", "rate_to_base": rate}


def _with_lines(order: dict[str, Any], items: list[dict[str, Any]]) -> list[Row]:
    number = order["order_id"]
    lines = [("raw_order_items", number, item | {"order_id": number}) for item in items]
    return [("raw_orders", number, order), *lines]


def _changes(days: Sequence[date]) -> st.SearchStrategy[list[Row]]:
    """Some rows that belong together, their moments on these days."""
    moments = st.builds(datetime.combine, st.sampled_from(days), st.sampled_from(CLOCK))
    lines = st.lists(ITEM, min_size=1, max_size=3, unique_by=lambda item: item["line_number"])
    refund = (_refund(moments) | _return(moments)).map(
        lambda row: [("raw_refunds", row["order_id"] or row["refund_id"], row)]
    )
    return st.one_of(
        st.builds(_with_lines, _order(moments), lines),
        st.builds(_with_lines, _order(moments), lines),
        st.builds(_with_lines, _order(moments), st.just([])),
        ITEM.map(lambda row: [("raw_order_items", row["order_id"], row)]),
        refund,
        refund,
        _product(moments).map(lambda row: [("raw_products", None, row)]),
        _customer(moments).map(lambda row: [("raw_customers", None, row)]),
        st.builds(lambda day, rate: [_rate(day, rate)], st.sampled_from(days), pick("0.85", "0.9")),
        st.lists(_event(moments), min_size=1, max_size=4).map(
            lambda rows: [("raw_events", None, row) for row in rows]
        ),
        CAMPAIGN.map(lambda row: [("raw_campaigns", None, row)]),
        _spend(days).map(lambda row: [("raw_campaign_spend", None, row)]),
        _movement(moments).map(lambda row: [("raw_inventory_movements", row["movement_id"], row)]),
        _payment(moments).map(lambda row: [("raw_payments", row["payment_id"], row)]),
        _shipment(moments).map(lambda row: [("raw_shipments", row["shipment_id"], row)]),
        _count(days).map(lambda row: [("raw_inventory_counts", None, row)]),
    )


def _file(day: date, suffix: str, changes: list[list[Row]]) -> File:
    """Makes a file of changes; of rows that ingest would reject as a conflict, it has the last."""
    rows = {_key(row): row for rows in changes for row in rows}
    return File(day, suffix, tuple(rows.values()))


def _key(row: Row) -> tuple[Any, ...]:
    dataset, _, values = row
    contract = load_contracts()[dataset]
    if contract.is_history:
        return (dataset, *values.values())
    return (dataset, *(values[name] for name in contract.key), values.get("updated_at"))


def _files(days: Sequence[date], least: int, most: int) -> st.SearchStrategy[File]:
    changes = st.lists(_changes(days), min_size=least, max_size=most)
    return st.builds(_file, st.sampled_from(days), pick("", "-b"), changes)


# What a shop begins with, and what comes later: few and late changes at a time, for the earliest
# decides how much is rewritten and so hides what the others should have said.
FIRST_FILES = st.lists(_files(DAYS, 4, 8), min_size=1, max_size=2)
LATER_FILES = st.lists(_files(LATE_DAYS, 1, 2), min_size=1, max_size=1)

# Keeps the first and last day of the data where they are, and every day priced.
FRAME = [
    File(DAYS[0], "-frame", tuple(_rate(day) for day in DAYS)),
    File(DAYS[-1], "-frame", ()),
]
