"""Stock evening by evening from movements and counts: no span, no window.

A store of which only movements are delivered, neither receipts nor counts, has no known stock.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.integration.recomputed.facts import (
    DAY,
    Facts,
    Key,
    Table,
    converted,
    known_sum,
    ratio,
)

ZERO = Decimal(0)
KINDS = {"received": "receipt", "sold": "sale", "returned": "return"}


@dataclass(frozen=True)
class Evening:
    """What there is in the evening of a day, and what happened on it."""

    on: date
    has_row: bool
    opening: Decimal
    moved: dict[str, Decimal]
    closing: Decimal
    value: Decimal | None
    value_base: Decimal | None
    cost: Decimal | None
    cost_base: Decimal | None
    brings_stock: bool
    is_on_sale: bool


class Stock:
    """The evenings of every product and warehouse of a store's data."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.movements: dict[Key, dict[date, list[dict[str, Any]]]] = defaultdict(dict)
        self.counted: dict[Key, dict[date, Decimal]] = defaultdict(dict)
        self.rates: dict[tuple[str, date], Decimal | None] = {}
        self.versions: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in facts.products.sort("valid_from", nulls_last=False).iter_rows(named=True):
            self.versions[row["store_id"], row["product_id"]].append(row)
        for row in facts.counts.iter_rows(named=True):
            self.rates[row["store_id"], row["stock_on"]] = row["fx_rate"]
            if row["counted_quantity"] is not None:
                self.counted[_place(row)][row["stock_on"]] = row["counted_quantity"]
        known = {row[0] for row in self.counted}
        known |= set(facts.movements.filter(kind="receipt")["store_id"])
        for row in facts.movements.iter_rows(named=True):
            if row["store_id"] in known:
                self.movements[_place(row)].setdefault(row["moved_on"], []).append(row)

    def places(self) -> dict[Key, list[Evening]]:
        """Returns the evenings since its first movement or count, by store, product, warehouse."""
        return {
            place: list(self._evenings(place))
            for place in sorted(self.movements.keys() | self.counted.keys())
        }

    def version(self, store: str, product: str, at: datetime) -> dict[str, Any] | None:
        """Returns the version of a product as of an instant; before the first one that one."""
        versions = self.versions[store, product]
        before = [v for v in versions if v["valid_from"] is None or v["valid_from"] <= at]
        return before[-1] if before else versions[0] if versions else None

    def _evenings(self, place: Key) -> Iterator[Evening]:
        moved, counted = self.movements.get(place, {}), self.counted.get(place, {})
        store, product, _ = place
        day, last = min([*moved, *counted]), self.facts.last_on[store]
        closing = ZERO
        value: Decimal | None = None
        base: Decimal | None = None
        while day <= last:
            version = self.version(store, product, self._last_moment(store, day))
            rows, opening = moved.get(day, []), closing
            closing = counted.get(day, opening + sum(row["quantity"] for row in rows))
            rate, has_row = self.rates.get((store, day)), bool(rows) or day in counted
            cost = _cost(rows)
            if has_row:
                value = converted(closing, version["unit_cost"] if version else None)
                base = converted(value, rate)
            yield Evening(
                on=day,
                has_row=has_row,
                opening=opening,
                moved=_by_kind(rows),
                closing=closing,
                value=value,
                value_base=base,
                cost=cost,
                cost_base=converted(cost, rate) if has_row else ZERO,
                brings_stock=_brings(rows) or day in counted,
                is_on_sale=_is_on_sale(version),
            )
            day += DAY

    def _last_moment(self, store: str, day: date) -> datetime:
        return self.facts.evening(store, day) - datetime.resolution


def _place(row: dict[str, Any]) -> Key:
    return row["store_id"], row["product_id"], row["warehouse_key"]


def _brings(rows: Sequence[dict[str, Any]]) -> bool:
    received = sum(row["quantity"] for row in rows if row["kind"] == "receipt")
    moved_in = any(row["kind"] == "transfer" and row["quantity"] > 0 for row in rows)
    return received > 0 or moved_in


def _by_kind(rows: Sequence[dict[str, Any]]) -> dict[str, Decimal]:
    found = {
        name: sum((row["quantity"] for row in rows if row["kind"] == kind), ZERO)
        for name, kind in KINDS.items()
    }
    return found | {"sold": -found["sold"]}


def _cost(rows: Sequence[dict[str, Any]]) -> Decimal | None:
    """Cost of what was sold less that of what came back; null where one of them is unknown."""
    costs = [row["cost_amount"] for row in rows if row["kind"] in ("sale", "return")]
    return None if None in costs else -sum(costs, ZERO)


def _is_on_sale(version: dict[str, Any] | None) -> bool:
    if version is None:
        return True
    return not version["is_deleted"] and version["is_active"] is not False


def _since_stocked(evenings: Sequence[Evening]) -> list[Evening]:
    first = next((n for n, e in enumerate(evenings) if e.brings_stock), len(evenings))
    return [evening for evening in evenings[first:] if evening.is_on_sale]


def status(facts: Facts) -> Table:
    """Returns the figures of kpi_inventory_status, by store, product and warehouse."""
    stock = Stock(facts)
    found: Table = {}
    for place, evenings in stock.places().items():
        if not evenings:
            continue
        version = stock.version(*place[:2], facts.evening(place[0], evenings[-1].on))
        found[place] = _status(evenings, version["reorder_point"] if version else None)
    return found


def _status(evenings: Sequence[Evening], reorder_point: Decimal | None) -> dict[str, Any]:
    last, active = evenings[-1], _since_stocked(evenings)
    held = [evening for evening in active if evening.closing > 0]
    out = len(active) - len(held)
    sold = sum((evening.moved["sold"] for evening in held), ZERO)
    available = max(last.closing, ZERO)
    lasting = ratio(available * len(held), sold) if sold > 0 else None
    return {
        "on_hand_quantity": last.closing,
        "available_quantity": available,
        "value_amount": last.value,
        "value_base_amount": last.value_base,
        "reorder_point": reorder_point,
        "is_below_reorder": None if reorder_point is None else available <= reorder_point,
        "in_stock_days": len(held),
        "stock_out_days": out,
        "stock_out_rate": ratio(out, len(active)),
        "mean_daily_units": ratio(sold, len(held)),
        "days_of_supply": ZERO if available == 0 else lasting,
        "is_supply_infinite": available > 0 and sold <= 0,
    }


def turnover(facts: Facts) -> Table:
    """Returns the figures of kpi_inventory_turnover, by store, month and product."""
    products: dict[tuple[str, str], list[list[Evening]]] = defaultdict(list)
    for (store, product, _), evenings in Stock(facts).places().items():
        products[store, product].append(evenings)
    found: Table = {}
    for (store, product), warehouses in products.items():
        active = {day.on: day for day in _since_stocked(_together(warehouses))}
        for month, as_of, is_complete in facts.month_ends(store):
            held = [[e for e in w if month <= e.on <= as_of] for w in warehouses]
            if any(held):
                days = [day for on, day in active.items() if month <= on <= as_of]
                row = _turnover([w for w in held if w], days)
                found[store, month, product] = row | {"is_complete": is_complete}
    return found


def _together(warehouses: Sequence[Sequence[Evening]]) -> list[Evening]:
    """The evenings of all warehouses as one; only stock and whether it is on sale count."""
    by_day: dict[date, list[Evening]] = defaultdict(list)
    for evenings in warehouses:
        for evening in evenings:
            by_day[evening.on].append(evening)
    return [
        Evening(
            on=on,
            has_row=True,
            opening=ZERO,
            moved={},
            closing=sum((e.closing for e in evenings), ZERO),
            value=None,
            value_base=None,
            cost=None,
            cost_base=None,
            brings_stock=any(e.brings_stock for e in evenings),
            is_on_sale=evenings[0].is_on_sale,
        )
        for on, evenings in sorted(by_day.items())
    ]


def _turnover(held: Sequence[Sequence[Evening]], active: Sequence[Evening]) -> dict[str, Any]:
    days = [evening for evenings in held for evening in evenings]
    opening = sum((evenings[0].opening for evenings in held), ZERO)
    closing = sum((evenings[-1].closing for evenings in held), ZERO)
    moved = {name: sum((e.moved[name] for e in days), ZERO) for name in KINDS}
    stocked = len({evening.on for evening in days})
    cost, cost_base = (_all([getattr(e, name) for e in days]) for name in ("cost", "cost_base"))
    value, base = (_all([getattr(e, name) for e in days]) for name in ("value", "value_base"))
    there = opening + moved["received"]
    out = sum(day.closing <= 0 for day in active)
    through = ratio(moved["sold"], there) if there > 0 else None
    return {
        "opening_quantity": opening,
        **{f"{name}_quantity": value for name, value in moved.items()},
        "adjusted_quantity": closing
        - (opening + moved["received"] - moved["sold"] + moved["returned"]),
        "closing_quantity": closing,
        "stocked_days": stocked,
        "cost_of_sales_amount": cost,
        "cost_of_sales_base_amount": cost_base,
        "average_value_amount": ratio(value, stocked, 4),
        "average_value_base_amount": ratio(base, stocked, 4),
        "turnover": ratio(cost * stocked, value) if cost is not None and (value or 0) > 0 else None,
        "sell_through_rate": None if through is None else min(Decimal(1), max(ZERO, through)),
        "active_days": len(active),
        "stock_out_days": out,
        "stock_out_rate": ratio(out, len(active)),
    }


def _all(values: Sequence[Decimal | None]) -> Decimal | None:
    """Returns the sum, None where one is unknown."""
    return None if None in values else known_sum(values)
