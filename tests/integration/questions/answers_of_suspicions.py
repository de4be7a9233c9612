"""What is suspicious, from signals of fraud, the distances of days, and rows that were refused."""

from collections import defaultdict
from datetime import date
from typing import Any

from tests.integration.questions.answered_facts import ZERO, Answer, Facts

FAR = 3.5  # robust standard deviations


def suspicious(facts: Facts) -> Answer:
    """Returns the days of every kind."""
    return _flagged(facts) | _abused(facts) | _anomalies(facts) | _refused(facts) | _pending(facts)


def _flagged(facts: Facts) -> Answer:
    orders: dict[tuple[str, date], dict[str, list[dict[str, Any]]]] = defaultdict(dict)
    for row in facts.table("fact_fraud_signals").to_dicts():
        if row["rule"] != "refund_abuse":
            day = orders[row["store_id"], row["ordered_on"]]
            day.setdefault(row["order_id"], []).append(row)
    return {
        (store, on, "fraud: orders flagged", "orders"): {
            "occurrences": len(day),
            "score": sum(row["score"] for rows in day.values() for row in rows),
            "amount": sum((rows[0]["amount"] for rows in day.values()), ZERO),
        }
        for (store, on), day in orders.items()
    }


def _abused(facts: Facts) -> Answer:
    found: Answer = {}
    for row in facts.table("fact_fraud_signals").to_dicts():
        if row["rule"] == "refund_abuse":
            key = row["store_id"], row["signal_on"], "fraud: refunds abused", "refunds"
            entry = found.setdefault(key, {"occurrences": 0, "amount": ZERO})
            entry["occurrences"] += 1
            entry["amount"] += row["amount"]
    return found


def _anomalies(facts: Facts) -> Answer:
    found: Answer = {}
    for row in facts.table("anomalies_daily").to_dicts():
        z = row["robust_z"]
        if z is not None and abs(z) > FAR:
            what = f"anomaly: {'high' if z > 0 else 'low'}"
            found[row["store_id"], row["metric_on"], what, row["metric"]] = {
                "score": z,
                "value": row["value"],
                "expected": row["expected"],
            }
    return found


def _refused(facts: Facts) -> Answer:
    found: Answer = {}
    kinds = {"rows rejected": "quarantined_rows", "files set aside": "set_aside_files"}
    for row in facts.table("kpi_data_quality").to_dicts():
        for what, column in kinds.items():
            if row[column]:
                key = row["store_id"], row["delivered_on"], what, row["feed"]
                found[key] = {"occurrences": row[column]}
    return found


def _pending(facts: Facts) -> Answer:
    found: Answer = {}
    for row in facts.table("pending_rows").to_dicts():
        what = f"rows pending: {row['reason']}"
        key = row["store_id"], row["pending_since_on"], what, row["dataset"]
        entry = found.setdefault(key, {"occurrences": 0})
        entry["occurrences"] += 1
    return found
