"""What must come of a made-up shop, told from its files in Python: no SQL, no join, no dbt.

Days are those of the shop's zone by Python's own zone database; a day without its rate has nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ecom_assets.contracts import load_contracts
from tests.harness.company import Company
from tests.property.change_log import File
from tests.property.made_up_shop import REPORTING, MadeUpShop

Values = dict[str, Any]
ByDay = dict[date, Decimal]


class Truth:
    """The newest version of every row of a shop, and what adds up from them."""

    def __init__(self, shop: MadeUpShop, files: Sequence[File]) -> None:
        self.shop = shop
        self.files = sorted(files, key=lambda file: (file.day, file.name))
        self.orders = self._newest("raw_orders")
        self.rates = {
            row["rate_on"]: Decimal(row["rate_to_base"])
            for row in self._newest("raw_fx_rates").values()
        }

    def net_sales(self) -> ByDay:
        """Returns gross less the discounts of lines and orders, by the day of the order."""
        found = defaultdict[date, Decimal](Decimal)
        for item in self._newest("raw_order_items").values():
            order = self.orders[item["order_id"],]
            net = item["quantity"] * item["unit_price"] - (item["discount_amount"] or 0)
            found[self.day(order["ordered_at"])] += net
        for order in self.orders.values():
            found[self.day(order["ordered_at"])] -= order["order_discount_amount"] or 0
        return self._priced(found)

    def refunds(self) -> ByDay:
        """Returns what was given back as delivered, by the day of the refund."""
        found = defaultdict[date, Decimal](Decimal)
        for row in self._newest("raw_refunds").values():
            if not row.get("is_whole_order"):
                found[self.day(row["refunded_at"])] += row["amount"]
        return self._priced(found)

    def payments(self) -> ByDay:
        """Returns all payments, whatever their state, by their own day or that of their order."""
        found = defaultdict[date, Decimal](Decimal)
        for row in self._newest("raw_payments").values():
            at = row["paid_at"] or self.orders[row["order_id"],]["ordered_at"]
            found[self.day(at)] += row["amount"]
        return self._priced(found)

    def moved(self) -> ByDay:
        """Returns the units that came less those that went, by day; they need no rate."""
        found = defaultdict[date, Decimal](Decimal)
        for row in self._newest("raw_inventory_movements").values():
            found[self.day(row["moved_at"])] += Decimal(row["quantity"])
        return dict(found)

    def day(self, moment: datetime) -> date:
        """Returns the shop's day of an instant."""
        zone = ZoneInfo(self.shop.timezone)
        return moment.replace(tzinfo=UTC).astimezone(zone).date()

    def _priced(self, found: Mapping[date, Decimal]) -> ByDay:
        is_home = self.shop.currency == REPORTING
        return {day: amount for day, amount in found.items() if is_home or day in self.rates}

    def _newest(self, dataset: str) -> dict[tuple[Any, ...], Values]:
        key = load_contracts()[dataset].key
        newest: dict[tuple[Any, ...], tuple[Any, Values]] = {}
        live = self._live_documents()
        for n, file in enumerate(self.files):
            for row_number, (name, document, row) in enumerate(file.rows):
                if name == dataset and live.get(document, n) == n:
                    at = row.get("updated_at") or datetime.min  # noqa: DTZ901
                    rank = (at, n, row_number)
                    number = tuple(row[column] for column in key)
                    newest[number] = max(newest.get(number, (rank, row)), (rank, row), key=_rank)
        return {number: row for number, (_, row) in newest.items()}

    def _live_documents(self) -> dict[str | None, int]:
        """Returns the last file of each document, where a document replaces itself whole."""
        if not self.shop.whole_documents:
            return {}
        told = ((doc, n) for n, file in enumerate(self.files) for _, doc, _ in file.rows if doc)
        return dict(told)


def _rank(version: tuple[Any, Values]) -> Any:
    return version[0]


def assert_true_of(company: Company, store_id: str, truth: Truth) -> None:
    """Compares a store's facts by day with what its files say."""
    asked = {
        "fact_sales": ("ordered_on", "net_amount", "true", truth.net_sales()),
        "fact_returns": ("refunded_on", "amount", "origin = 'delivered'", truth.refunds()),
        "fact_payments": ("paid_on", "amount", "true", truth.payments()),
        "fact_inventory_movements": ("moved_on", "quantity", "true", truth.moved()),
    }
    for table, (day, amount, condition, expected) in asked.items():
        rows = company.warehouse.connection.execute(
            f"select {day}, sum({amount}) from warehouse.main.{table} "
            f"where store_id = ? and {condition} group by {day}",
            [store_id],
        ).fetchall()
        assert dict(rows) == expected, (store_id, table)
    if truth.shop.currency != REPORTING:
        assert_rates_are_those_of_the_day(company, store_id, truth)


def assert_rates_are_those_of_the_day(company: Company, store_id: str, truth: Truth) -> None:
    """A row has the newest rate of its own day, never one that nobody told."""
    for table, day in (("fact_sales", "ordered_on"), ("fact_returns", "refunded_on")):
        used = company.warehouse.connection.execute(
            f"select distinct {day}, fx_rate from warehouse.main.{table} where store_id = ?",
            [store_id],
        ).fetchall()
        assert all(truth.rates.get(on) == rate for on, rate in used), (store_id, table)
