"""Faults of a row: what is wrong with it, and the list of them that a row gets.

Pure functions that return SQL. Faults are lists of ``{rule, reason, column, value}``; an empty
list accepts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ecom_assets.duck import quote

TYPE_NAMES = {
    "integer": "whole number",
    "decimal": "number",
    "date": "date",
    "timestamp": "time",
    "local_timestamp": "local time",
    "quantity": "number with at most 14 digits and 4 decimals",
    "money": "amount with at most 14 digits and 4 decimals",
    "rate": "number with at most 10 digits and 8 decimals",
    "boolean": "truth value",
    "text": "text",
}


@dataclass(frozen=True)
class Fault:
    """A way to be wrong: SQL condition, rule name, and SQL text that says why.

    Attributes:
        condition: SQL that is true where something is wrong.
        rule: The rule's name.
        reason: SQL of the sentence.
        column: The column that is wrong, where it is one.
        value: SQL of what stands there, as text.
    """

    condition: str
    rule: str
    reason: str
    column: str | None = None
    value: str | None = None

    @property
    def sql(self) -> str:
        """The fault as SQL struct."""
        column = quote(self.column) if self.column else "null::varchar"
        value = f"left({self.value}::varchar, 80)" if self.value else "null::varchar"
        return (
            f"{{'rule': {quote(self.rule)}, 'reason': {self.reason}, "
            f"'column': {column}, 'value': {value}}}"
        )


def wrong_type(name: str, text: str, type_name: str) -> str:
    """Returns SQL of the sentence that a text is no value of a type.

    Args:
        name: What the column is called, for the reader.
        text: SQL of the text.
        type_name: A type of a feed or a contract.
    """
    wanted = quote(f" is no {TYPE_NAMES[type_name]}")
    return f"concat({quote(name + ': ')}, left({text}, 80), {wanted})"


def faults_sql(faults: Iterable[Fault]) -> str:
    """Returns SQL for the list of a row's faults; most rows have none and never build one."""
    listed = list(faults)
    none = 'cast([] as struct("rule" varchar, reason varchar, "column" varchar, "value" varchar)[])'
    if not listed:
        return none
    any_fault = " or ".join(f"({fault.condition})" for fault in listed)
    cases = ", ".join(f"case when {fault.condition} then {fault.sql} end" for fault in listed)
    return (
        f"case when {any_fault} "
        f"then list_filter([{cases}], lambda fault: fault is not null) else {none} end"
    )
