"""Finds models that are rewritten by their tail and depend on more of the future than they declare.

Two builds are compared: one of a shop up to a day, one of the same shop and what happened later. A
row that the tail would leave alone, for it lies before that day by more than the declared
`look_ahead_days`, has to be the same in both.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tests.harness.nodes import stored_nodes
from tests.harness.warehouse import Row, Warehouse


@dataclass(frozen=True)
class Tail:
    """An incremental model that rewrites its tail.

    Attributes:
        name: The model.
        column: The date by which its tail is cut.
        look_ahead_days: How many days later than a row the events may lie that it depends on.
        sql: The compiled select; over a warehouse that was built from the beginning it yields all.
        span_end: The column that what comes next may change, for the model writes such rows anew.
    """

    name: str
    column: str
    look_ahead_days: int
    sql: str
    span_end: str | None = None


def tails() -> dict[str, Tail]:
    """Returns all models that are rewritten by their tail, by name."""
    return {
        node.name: Tail(
            node.name,
            node.config["tail_column"],
            node.config.get("look_ahead_days", 0),
            node.sql,
            node.config.get("span_end"),
        )
        for node in stored_nodes()
        if node.config.get("incremental_strategy") == "tail"
    }


def undeclared(
    tail: Tail, before: Warehouse, after: Warehouse, later_from: Mapping[str, date]
) -> list[Row]:
    """Returns rows that what came later has changed, though the model does not look so far ahead.

    Args:
        tail: The model.
        before: A warehouse built from the beginning of what there was up to a day of each store.
        after: One built from the beginning of that and of what happened from that day on.
        later_from: By store, the first day of a month: nothing that came later is dated before it.
    """
    held, found = _standing(tail, before, later_from), _standing(tail, after, later_from)
    return [*(held - found).elements(), *(found - held).elements()]


def _standing(tail: Tail, warehouse: Warehouse, later_from: Mapping[str, date]) -> Counter[Row]:
    days = ", ".join(f"('{store}', date '{day}')" for store, day in later_from.items())
    but_end = f"exclude ({tail.span_end})" if tail.span_end else ""
    return Counter(
        warehouse.connection.execute(
            f"select model.* {but_end} from ({tail.sql}) as model "
            f"join (values {days}) as later (store, later_from) on model.store_id = later.store "
            f"where model.{tail.column} < later.later_from - {tail.look_ahead_days}"
        ).fetchall()
    )
