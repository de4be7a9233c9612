"""Customers by month, RFM and cohort retention from the facts' counting orders."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from tests.integration.recomputed.facts import (
    DAY,
    IS_PRICED,
    Facts,
    Table,
    counting_orders,
    ratio,
)

SEGMENTS = Path(__file__).resolve().parents[3] / "dbt" / "seeds" / "rfm_segments.csv"
Days = dict[str, list[date]]


def customer_orders(facts: Facts) -> list[tuple[str, str, datetime, str, int]]:
    """Returns store, customer, instant, order and number of each known customer's orders."""
    told = counting_orders(facts.sales).drop_nulls("customer_id")
    rows = sorted(told.select("store_id", "customer_id", "ordered_at", "order_id").iter_rows())
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    found: list[tuple[str, str, datetime, str, int]] = []
    for store, customer, at, order in rows:
        numbers[store, customer] += 1
        found.append((store, customer, at, order, numbers[store, customer]))
    return found


def order_days(facts: Facts) -> dict[str, Days]:
    """Returns the days of each customer's counting orders in their order, by store."""
    days = {
        (store, order): on
        for store, order, on in counting_orders(facts.sales)
        .select("store_id", "order_id", "ordered_on")
        .iter_rows()
    }
    found: dict[str, Days] = {store: defaultdict(list) for store in facts.last_on}
    for store, customer, _, order, _ in customer_orders(facts):
        found[store][customer].append(days[store, order])
    return found


def _until(days: Days, on: date) -> Days:
    known = {customer: [day for day in told if day <= on] for customer, told in days.items()}
    return {customer: told for customer, told in known.items() if told}


def _lapse_days(known: Days) -> int | None:
    """The 90th percentile of the gaps: the least that nine in ten are no longer than."""
    gaps = sorted(
        (later - earlier).days for days in known.values() for earlier, later in pairwise(days)
    )
    return gaps[-(-9 * len(gaps) // 10) - 1] if gaps else None


def _lapsed(known: Days, on: date) -> set[str]:
    limit = _lapse_days(known)
    if limit is None:
        return set()
    return {customer for customer, days in known.items() if (on - max(days)).days > limit}


def by_month(facts: Facts) -> Table:
    """Returns kpi_customers_monthly, by store and month."""
    found: Table = {}
    for store, days in order_days(facts).items():
        for first, as_of, is_complete in facts.month_ends(store):
            known = _until(days, as_of)
            lapsed = _lapsed(known, as_of)
            was_lapsed = _lapsed(_until(days, first - DAY), first - DAY)
            active = [told for told in known.values() if max(told) >= first]
            new = sum(told[0] >= first for told in active)
            repeat = sum(len(told) >= 2 for told in known.values())
            found[store, first] = {
                "as_of_on": as_of,
                "is_complete": is_complete,
                "active_customers": len(active),
                "new_customers": new,
                "returning_customers": len(active) - new,
                "churned_customers": len(lapsed - was_lapsed),
                "lapsed_customers": len(lapsed),
                "customers_to_date": len(known),
                "repeat_customers": repeat,
                "repeat_rate": ratio(repeat, len(known)),
                "lapse_days": _lapse_days(known),
            }
    return found


def retention(facts: Facts) -> Table:
    """Returns kpi_cohort_retention, by store, cohort month and period."""
    found: Table = {}
    for store, days in order_days(facts).items():
        cohorts: dict[date, list[set[date]]] = defaultdict(list)
        for told in days.values():
            cohorts[told[0].replace(day=1)].append({day.replace(day=1) for day in told})
        months = list(facts.month_ends(store))
        for cohort, customers in cohorts.items():
            for month, _, is_complete in months:
                period = (month.year - cohort.year) * 12 + month.month - cohort.month
                if period < 0:
                    continue
                here = sum(month in active for active in customers)
                told = here if is_complete or period == 0 else None
                found[store, cohort, period] = {
                    "activity_month": month,
                    "cohort_size": len(customers),
                    "active_customers": told,
                    "retention_rate": ratio(told, len(customers)),
                    "is_complete": is_complete,
                }
    return found


def rfm(facts: Facts) -> Table:
    """Returns kpi_customer_rfm without its currency, by store, month and customer."""
    segments = {
        (int(row["recency_score"]), int(row["frequency_monetary_score"])): row["segment"]
        for row in csv.DictReader(SEGMENTS.open(encoding="utf-8"))
    }
    found: Table = {}
    for store, days in order_days(facts).items():
        spent = _spent(facts, store)
        for month, as_of, _ in facts.month_ends(store):
            known = _until(days, as_of)
            values = {
                "recency": {c: (as_of - max(told)).days for c, told in known.items()},
                "frequency": {c: len(told) for c, told in known.items()},
                "monetary": {
                    c: sum((v for on, v in spent[c] if on <= as_of), Decimal(0)) for c in known
                },
            }
            fifths = {name: _fifths(of.values()) for name, of in values.items()}
            for c in known:
                score = {name: fifths[name][of[c]] for name, of in values.items()}
                r, f, m = 6 - score["recency"], score["frequency"], score["monetary"]
                found[store, month, c] = {
                    "as_of_on": as_of,
                    "recency_days": values["recency"][c],
                    "frequency": values["frequency"][c],
                    "monetary_amount": values["monetary"][c],
                    "recency_score": r,
                    "frequency_score": f,
                    "monetary_score": m,
                    "segment": segments[r, f + m],
                }
    return found


def _spent(facts: Facts, store: str) -> dict[str, list[tuple[date, Decimal]]]:
    orders = counting_orders(facts.sales).select("store_id", "order_id")
    priced = facts.sales.filter(IS_PRICED & (pl.col("store_id") == store)).drop_nulls("customer_id")
    found: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    told = priced.join(orders, on=["store_id", "order_id"], how="semi")
    sums = told.group_by("customer_id", "ordered_on").agg(pl.col("gross_amount").sum())
    for customer, on, amount in sums.iter_rows():
        found[customer].append((on, amount))
    return found


def _fifths(values: Iterable[Any]) -> dict[Any, int]:
    """The class of each value, by how many fifths of all values are smaller; 1 is the lowest."""
    counts = Counter(values)
    found: dict[Any, int] = {}
    smaller = 0
    for value in sorted(counts):
        found[value] = sum(5 * smaller >= part * counts.total() for part in range(1, 5)) + 1
        smaller += counts[value]
    return found
