"""How much of the simulated fraud the rules find, how soon, and how much else they flag.

Usage: ``python -m benchmarks.fraud HOME [STORE]``, with a home whose simulation has been loaded and
published (``ecom simulate``, ``ecom run``). Prints one line for each kind of fraud and each rule.
"""

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl

from ecom_assets.home import Home
from ecom_assets.simmart.fraud import KINDS

COLUMNS = ("order_id", "rule", "signal_at")


@dataclass(frozen=True)
class Found:
    """What was found of a kind of fraud by the rule that looks for it.

    Attributes:
        orders: Labelled orders.
        flagged: How many of them have a signal of the rule.
        incidents: Labelled incidents; of refund abuse one is a customer.
        detected: How many of them have a signal of the rule on one of their orders.
        delay: Middle one of the times from the beginning of an incident to its first signal.
    """

    orders: int
    flagged: int
    incidents: int
    detected: int
    delay: timedelta

    @property
    def recall(self) -> float:
        """The share of the labelled orders that is flagged."""
        return self.flagged / self.orders


@dataclass(frozen=True)
class Raised:
    """What a rule has flagged.

    Attributes:
        signals: Its signals.
        of_kind: How many are on orders of the kind that the rule is named after.
        of_any: How many are on orders of any fraud.
    """

    signals: int
    of_kind: int
    of_any: int

    @property
    def precision(self) -> float:
        """The share of the signals that is of any fraud."""
        return self.of_any / self.signals


def signals_of(connection: duckdb.DuckDBPyConnection, store: str) -> pl.DataFrame:
    """Returns the signals of a store: the columns COLUMNS of fact_fraud_signals."""
    rows = connection.execute(
        f"select {', '.join(COLUMNS)} from fact_fraud_signals where store_id = ?", [store]
    )
    return pl.DataFrame(rows.fetchall(), schema=COLUMNS, orient="row")


def found(signals: pl.DataFrame, labels: pl.DataFrame) -> dict[str, Found]:
    """Returns what was found by kind.

    Args:
        signals: ``order_id``, ``rule`` and ``signal_at``.
        labels: The labels of the store, as SimMart writes them.
    """
    return {kind: _found(signals, labels, kind) for kind in KINDS}


def _found(signals: pl.DataFrame, labels: pl.DataFrame, kind: str) -> Found:
    labelled = labels.filter(pl.col("kind") == kind).unique(("incident_id", "order_id"))
    hits = labelled.join(signals.filter(pl.col("rule") == kind), on="order_id")
    delays = (
        hits.group_by("incident_id")
        .agg((pl.col("signal_at").min() - pl.col("started_at").min()).alias("delay"))
        .get_column("delay")
    )
    delay = delays.sort()[len(delays) // 2] if len(delays) else timedelta.max
    return Found(
        orders=labelled["order_id"].n_unique(),
        flagged=hits["order_id"].n_unique(),
        incidents=labelled["incident_id"].n_unique(),
        detected=len(delays),
        delay=delay,
    )


def raised(signals: pl.DataFrame, labels: pl.DataFrame) -> dict[str, Raised]:
    """Returns what every rule with a signal has flagged; the arguments are those of `found`."""
    result: dict[str, Raised] = {}
    for (rule,), rows in signals.group_by("rule"):
        of_kind = labels.filter(pl.col("kind") == rule)["order_id"].implode()
        result[str(rule)] = Raised(
            signals=rows.height,
            of_kind=rows.filter(pl.col("order_id").is_in(of_kind)).height,
            of_any=rows.filter(pl.col("order_id").is_in(labels["order_id"].implode())).height,
        )
    return dict(sorted(result.items()))


def main() -> None:
    """Prints what was found by kind and what was raised by rule."""
    home, (store, *_) = Home(Path(sys.argv[1])), (*sys.argv[2:], "simmart")
    labels = pl.read_parquet(home.root / "truth" / store / "fraud.parquet")
    published = home.published / "current" / "warehouse.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        signals = signals_of(connection, store)
    print("kind              orders  flagged  recall  incidents  detected  delay")
    for kind, f in found(signals, labels).items():
        print(
            f"{kind:<17} {f.orders:>6} {f.flagged:>8} {f.recall:>7.3f} {f.incidents:>10} "
            f"{f.detected:>9}  {f.delay}"
        )
    print("\nrule             signals  of kind  of any fraud  precision")
    for rule, r in raised(signals, labels).items():
        print(f"{rule:<16} {r.signals:>8} {r.of_kind:>8} {r.of_any:>13} {r.precision:>10.3f}")


if __name__ == "__main__":
    main()
