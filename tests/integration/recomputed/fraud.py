"""Days of fraud from the orders placed and the signals of them.

The signals themselves are worked out once more of a simulated shop in
``tests/integration/test_simmart_fraud.py``.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from tests.integration.recomputed.facts import DAY, Facts, Key, Table, known_sum, ratio

ORDER_RULES = ("card_testing", "velocity", "address_ring", "account_takeover", "account_change")
Signal = dict[str, Any]


def days(facts: Facts) -> Table:
    """Returns kpi_fraud_daily without its currency, by store and day."""
    orders = facts.orders.select("store_id", "ordered_on").rows()
    signals = list(facts.fraud_signals.iter_rows(named=True))
    horizon = [
        (store, facts.first_on[store] + n * DAY)
        for store, last in facts.last_on.items()
        for n in range((last - facts.first_on[store]).days + 1)
    ]
    return days_of(orders, signals, horizon)


def days_of(
    orders: Iterable[tuple[str, date]], signals: Iterable[Signal], horizon: Iterable[Key]
) -> Table:
    """Returns the figures by store and day.

    Args:
        orders: Store and day of every order placed.
        signals: Those of fact_fraud_signals.
        horizon: Store and day of the days that have a row whatever happens.
    """
    placed: dict[Key, int] = defaultdict(int)
    for place in orders:
        placed[place] += 1
    flagged: dict[Key, dict[str, list[Signal]]] = defaultdict(lambda: defaultdict(list))
    refunded: dict[Key, list[Signal]] = defaultdict(list)
    for signal in signals:
        if signal["rule"] == "refund_abuse":
            refunded[signal["store_id"], signal["signal_on"]].append(signal)
        else:
            on_day = flagged[signal["store_id"], signal["ordered_on"]]
            on_day[signal["order_id"]].append(signal)
    places = {*horizon, *placed, *refunded}
    return {
        place: _day(placed[place], list(flagged[place].values()), refunded[place])
        for place in places
    }


def _day(orders: int, flagged: list[list[Signal]], refunded: list[Signal]) -> dict[str, Any]:
    broken = [signal for theirs in flagged for signal in theirs]
    score = sum(signal["score"] for signal in broken)
    found: dict[str, Any] = {
        "orders": orders,
        "flagged_orders": len(flagged),
        "flagged_rate": ratio(len(flagged), orders),
        "fraud_score": score,
        "avg_fraud_score": ratio(score, orders),
        "refund_abuse_orders": len(refunded),
    }
    for rule in ORDER_RULES:
        found[f"{rule}_orders"] = sum(signal["rule"] == rule for signal in broken)
    for base in ("", "_base"):
        name = f"{base.removeprefix('_')}_amount".removeprefix("_")
        found[f"flagged{base}_amount"] = _money([theirs[0] for theirs in flagged], name)
        found[f"refund_abuse{base}_amount"] = _money(refunded, name)
    return found


def _money(signals: list[Signal], name: str) -> Decimal | None:
    """Of no signal 0, but unknown where no rate of any is known."""
    return known_sum(signal[name] for signal in signals) if signals else Decimal(0)
