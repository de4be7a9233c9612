"""A made-up shop up to a month's end, and what happened later that tells nothing of before.

What reaches back by a rule (an order that is cancelled, a refund of a known order, a first version,
a late rate) is left out of what came later; in the tests of deliveries it comes in every way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ecom_assets.contracts import load_contracts
from tests.property.change_log import Row
from tests.property.made_up_shop import Happening, MadeUpShop

# Of which instant or day a row tells; a version of a customer or product must say it.
DATED_BY = {
    "raw_customers": "updated_at",
    "raw_products": "updated_at",
    "raw_orders": "ordered_at",
    "raw_payments": "paid_at",
    "raw_refunds": "refunded_at",
    "raw_inventory_movements": "moved_at",
    "raw_inventory_counts": "counted_on",
    "raw_campaign_spend": "spend_on",
    "raw_fx_rates": "rate_on",
    "raw_events": "occurred_at",
}
OF_ORDERS = ("raw_orders", "raw_order_items", "raw_payments", "raw_refunds", "raw_shipments")
VISIT_ENDS = timedelta(minutes=30)


@dataclass(frozen=True)
class Past:
    """A shop as it was, and what came after.

    Attributes:
        later_from: The first day of a month.
        before: What happened up to the day before.
        later: What happened from that day on and tells nothing of the time before.
    """

    later_from: date
    before: tuple[Happening, ...]
    later: tuple[Happening, ...]


def past_of(shop: MadeUpShop, later_from: date) -> Past:
    """Parts a shop before the first day of a month; nothing of it comes late."""
    told = _Told(shop, later_from)
    return Past(
        later_from,
        tuple(told.kept(is_later=False)),
        tuple(told.kept(is_later=True)),
    )


class _Told:
    def __init__(self, shop: MadeUpShop, later_from: date) -> None:
        self.shop, self.later_from = shop, later_from
        self.zone = ZoneInfo(shop.timezone)
        rows = [(h.on, row) for h in shop.happenings for row in h.rows]
        self.later_orders = {
            values["order_id"]
            for _, (dataset, _, values) in rows
            if dataset == "raw_orders" and self._day(values["ordered_at"]) >= later_from
        }
        before = [row for on, row in rows if on < later_from]
        self.known = {self._key(row) for row in before}
        self.last_seen = {
            values["visitor_id"]: max(
                v["occurred_at"]
                for name, _, v in before
                if name == "raw_events" and v["visitor_id"] == values["visitor_id"]
            )
            for dataset, _, values in before
            if dataset == "raw_events"
        }

    def kept(self, *, is_later: bool) -> Iterator[Happening]:
        """Yields what happened before or later, and belongs to an order of then if to any."""
        for happening in self.shop.happenings:
            if (happening.on >= self.later_from) == is_later:
                rows = [
                    row
                    for row in happening.rows
                    if self._is_of_an_order_of_then(row, is_later=is_later)
                    and (not is_later or self._tells_of_later(row))
                ]
                yield Happening(happening.on, tuple(rows))

    def _is_of_an_order_of_then(self, row: Row, *, is_later: bool) -> bool:
        dataset, _, values = row
        order = values.get("order_id") if dataset in OF_ORDERS else None
        return order is None or (order in self.later_orders) == is_later

    def _tells_of_later(self, row: Row) -> bool:
        dataset, _, values = row
        if load_contracts()[dataset].is_history and self._key(row) not in self.known:
            return False  # a first version stands for all time before it
        if dataset == "raw_events" and values["visitor_id"] in self.last_seen:
            since = values["occurred_at"] - self.last_seen[values["visitor_id"]]
            if since <= VISIT_ENDS:
                return False  # it belongs to a visit of before
        at = values[DATED_BY[dataset]] if dataset in DATED_BY else None
        if at is None:
            return dataset not in ("raw_customers", "raw_products")
        return self._day(at) >= self.later_from

    def _day(self, at: date | datetime) -> date:
        if not isinstance(at, datetime):
            return at
        return at.replace(tzinfo=UTC).astimezone(self.zone).date()

    def _key(self, row: Row) -> tuple[object, ...]:
        dataset, _, values = row
        return dataset, *(values[name] for name in load_contracts()[dataset].key)
