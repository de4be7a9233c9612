"""Anomalies day by day from the facts, each by a loop over the weeks before it."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from statistics import median
from typing import Any

from tests.integration.recomputed import sales
from tests.integration.recomputed.facts import DAY, Facts, Table

MONEY = ("net_sales", "aov", "returns")
SHARES = ("returns_share", "declined_share")
THRESHOLD = Decimal("3.5")
Series = dict[date, float]


def days(facts: Facts) -> Table:
    """Returns anomalies_daily by store, metric and day; what is beyond the columns is cut."""
    found: Table = {}
    for (store, metric), series in _series(facts).items():
        first, last = facts.first_on[store], facts.last_on[store]
        kind = "share" if metric in SHARES else "amount" if metric in MONEY else "count"
        known = {on: value for on, value in series.items() if first <= on <= last}
        scaled = {on: value if kind == "share" else _root(value) for on, value in known.items()}
        for on, value in known.items():
            found[store, metric, on] = {"value": value, "threshold": THRESHOLD} | _tested(
                scaled, on, kind
            )
    return found


def _root(value: float) -> float:
    return math.copysign(math.sqrt(abs(value)), value)


def _tested(scaled: Series, on: date, kind: str) -> dict[str, Any]:
    weeks = [[scaled.get(on - (56 - 7 * w - d) * DAY) for d in range(7)] for w in range(8)]
    count = sum(value is not None for week in weeks for value in week)
    same = sum(week[0] is not None for week in weeks)
    if count < 28 or same < 4:
        return {"expected": None, "robust_z": None, "baseline_days": count}
    usual = [_middle([week[d] for week in weeks]) for d in range(7)]
    off = [[_less(week[d], usual[d]) for d in range(7)] for week in weeks]
    level = [_middle(week) for week in off]
    slopes = [
        (late - early) / (j - i)
        for (i, early), (j, late) in combinations(enumerate(level), 2)
        if early is not None and late is not None
    ]
    slope = median(slopes) if slopes else 0.0
    rest = [
        abs(value - slope * (w - 3.5))
        for w, week in enumerate(off)
        for value in week
        if value is not None
    ]
    size = max(abs(value) for value in usual if value is not None)
    least = {"count": 0.5, "share": 0.01, "amount": max(0.05 * size, 1e-3)}[kind]
    expected = (usual[0] or 0.0) + 4.5 * slope
    z = (scaled[on] - expected) / max(1.4826 * 1.25 * median(rest), least)
    return {
        "expected": expected if kind == "share" else expected * abs(expected),
        "robust_z": max(-99_999.0, min(z, 99_999.0)),
        "baseline_days": count,
    }


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _less(value: float | None, usual: float | None) -> float | None:
    return None if value is None or usual is None else value - usual


def _series(facts: Facts) -> dict[tuple[str, str], Series]:
    """The watched metrics by store and name."""
    found: dict[tuple[str, str], Series] = defaultdict(dict)
    for (store, on), row in sales.days(facts).items():
        gross, back = row["gross_amount"], row["returns_amount"]
        told = {
            "net_sales": row["net_amount"],
            "orders": row["orders"],
            "new_orders": row["new_orders"],
            "aov": row["aov"],
            "returns": back,
            "returns_share": back / gross if gross > 0 else None,
        }
        for metric, value in told.items():
            if value is not None:
                found[store, metric][on] = float(value)
    for store, metric, on, value in (*_sessions(facts), *_declined(facts)):
        found[store, metric][on] = value
    return found


def _sessions(facts: Facts) -> Iterator[tuple[str, str, date, float]]:
    """Days between the first and the last session have 0 where there are none."""
    counted: dict[str, Counter[date]] = defaultdict(Counter)
    for store, on in facts.sessions.select("store_id", "started_on").iter_rows():
        counted[store][on] += 1
    for store, days_of in counted.items():
        first, last = min(days_of), max(days_of)
        for n in range((last - first).days + 1):
            yield store, "sessions", first + n * DAY, float(days_of[first + n * DAY])


def _declined(facts: Facts) -> Iterator[tuple[str, str, date, float]]:
    payments: dict[tuple[str, date], list[bool]] = defaultdict(list)
    for store, on, status in facts.payments.select("store_id", "paid_on", "status").iter_rows():
        payments[store, on].append(status == "declined")
    for (store, on), declined in payments.items():
        yield store, "declined_share", on, sum(declined) / len(declined)
