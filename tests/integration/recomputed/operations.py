"""Payments, parcels and the quality of deliveries from the facts and the list of files."""

from collections import defaultdict
from decimal import Decimal
from statistics import median
from typing import Any

from tests.integration.recomputed.facts import Facts, Key, Table, known_sum, ratio

Group = list[dict[str, Any]]


def _groups(rows: Any, *key: str) -> dict[Key, Group]:
    found: dict[Key, Group] = defaultdict(list)
    for row in rows.iter_rows(named=True):
        found[tuple(row[name] for name in key)].append(row)
    return found


def payments(facts: Facts) -> Table:
    """Returns kpi_payment_mix without its currency, by store, month and means of payment."""
    told = facts.payments.join(facts.methods, on="payment_method_key", how="left")
    by_method: dict[Key, Group] = defaultdict(list)
    by_month: dict[Key, Group] = defaultdict(list)
    for row in told.iter_rows(named=True):
        month = row["store_id"], row["paid_on"].replace(day=1)
        by_method[(*month, row["method_code"])].append(row)
        by_month[month].append(row)
    return {place: _mix(rows, by_month[place[:2]]) for place, rows in by_method.items()}


def _mix(rows: Group, month: Group) -> dict[str, Any]:
    def count(status: str) -> int:
        return sum(row["status"] == status for row in rows)

    captured, refunded = count("captured"), count("refunded")
    found: dict[str, Any] = {
        "payments": len(rows),
        "orders": len({row["order_id"] for row in rows}),
        "captured_payments": captured,
        "declined_payments": count("declined"),
        "authorised_payments": count("authorised"),
        "refunded_payments": refunded,
        "success_rate": ratio(captured + refunded, len(rows)),
        "decline_rate": ratio(count("declined"), len(rows)),
    }
    for base, column in (("", "amount"), ("_base", "base_amount")):
        for status in ("captured", "authorised", "refunded"):
            found[f"{status}{base}_amount"] = _money(rows, status, column)
        total = _money(month, "captured", column)
        found[f"captured_share{base}_rate"] = ratio(found[f"captured{base}_amount"], total)
    return found


def _money(rows: Group, status: str, column: str) -> Any:
    """Of a status, 0 of none, but unknown where no rate of any row is known."""
    return known_sum(
        row[column] if row["status"] == status or row[column] is None else 0 for row in rows
    )


def parcels(facts: Facts) -> Table:
    """Returns kpi_fulfilment_monthly, by store, month of the order and carrier."""
    groups: dict[Key, Group] = defaultdict(list)
    for row in facts.shipments.iter_rows(named=True):
        month = row["ordered_on"].replace(day=1)
        groups[row["store_id"], month, row["carrier"] or "unknown"].append(row)
    return {place: _fulfilment(rows, facts.last_on[place[0]]) for place, rows in groups.items()}


def _fulfilment(rows: Group, last_on: Any) -> dict[str, Any]:
    def days(column: str) -> list[int]:
        return [(row[column] - row["ordered_on"]).days for row in rows if row[column]]

    shipped, delivered = days("shipped_on"), days("delivered_on")
    promised = [row for row in rows if row["promised_on"]]
    came = [row for row in promised if row["delivered_on"]]
    on_time = sum(row["delivered_on"] <= row["promised_on"] for row in came)
    overdue = sum(not row["delivered_on"] and last_on > row["promised_on"] for row in promised)
    late = len(came) - on_time + overdue
    return {
        "shipments": len(rows),
        "orders": len({row["order_id"] for row in rows}),
        "shipped_shipments": len(shipped),
        "delivered_shipments": len(delivered),
        "open_shipments": len(rows) - len(delivered),
        "on_time_shipments": on_time,
        "late_shipments": late,
        "on_time_rate": ratio(on_time, on_time + late),
        "avg_days_to_ship": ratio(sum(shipped), len(shipped)),
        "avg_days_to_deliver": ratio(sum(delivered), len(delivered)),
        "median_days_to_ship": median(shipped) if shipped else None,
        "median_days_to_deliver": median(delivered) if delivered else None,
    }


def quality(facts: Facts) -> Table:
    """Returns kpi_data_quality, by store, feed and day of delivery."""
    groups = _groups(facts.deliveries, "store_id", "feed", "delivered_on")
    return {place: _quality(rows) for place, rows in groups.items()}


def _quality(rows: Group) -> dict[str, Any]:
    def total(column: str) -> int:
        return sum(row[column] for row in rows)

    delivered, quarantined = total("delivered_rows"), total("quarantined_rows")
    aside = sum(row["status"] == "set_aside" for row in rows)
    loaded = sum(row["status"] == "loaded" for row in rows)
    return {
        "files": len(rows),
        "set_aside_files": aside,
        "delivered_rows": delivered,
        "accepted_rows": delivered - quarantined,
        "quarantined_rows": quarantined,
        "rejected_rate": ratio(quarantined, delivered),
        "extra_columns": total("extra_columns"),
        "quality_rate": ratio(loaded * (delivered - quarantined), len(rows) * delivered)
        if loaded
        else Decimal(0),
    }
