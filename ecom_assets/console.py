"""The consoles of the command line, and how values and rows are printed there."""

import re
import sys
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from ecom_assets.wording import counted

if TYPE_CHECKING:  # DuckDB takes longer to import than most commands to answer
    from ecom_assets.publish.query import Answer

# What is piped into a file or another program is not folded to the width of a screen.
WIDTH = None if sys.__stdout__ and sys.__stdout__.isatty() else 10_000
out = Console(file=sys.__stdout__, highlight=False, emoji=False, width=WIDTH)
err = Console(file=sys.__stderr__, highlight=False, emoji=False)

LEAST_DECIMALS = 2  # of those that a number has; zeros beyond them tell nothing
SHOWN_ROWS = 1_000  # of a table; a screen is no place for more, and laying them out takes minutes


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def print_answer(answer: "Answer", form: Format) -> None:
    """Prints an answer; as a table only its first rows."""
    if form is Format.CSV:
        out.file.write(answer.as_csv())
    elif form is Format.JSON:
        out.file.write(answer.as_json() + "\n")
    else:
        print_table(answer.columns, answer.rows[:SHOWN_ROWS])
        if (hidden := len(answer.rows) - SHOWN_ROWS) > 0:
            out.print(f"and {counted(hidden, 'more row')}: --format csv or json prints all")


def print_table(columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]) -> None:
    """Prints rows as a table, whole texts folded, numbers below each other."""
    table = Table()
    for at, column in enumerate(columns):
        values = [row[at] for row in rows if row[at] is not None]
        is_number = bool(values) and all(_is_number(value) for value in values)
        table.add_column(column, overflow="fold", justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*("" if value is None else plain(_short(value)) for value in row))
    out.print(table)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _short(value: object) -> object:
    """Returns a value; of an exact number without the zeros that follow its second decimal."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return value
    whole, point, decimals = f"{value:f}".partition(".")
    kept = decimals[:LEAST_DECIMALS] + decimals[LEAST_DECIMALS:].rstrip("0")
    return f"{whole}{point}{kept}"


def plain(value: object) -> str:
    """Returns a value as text that the console takes neither for markup nor for a command."""
    return shown(value).replace("[", r"\[")


def shown(value: object) -> str:
    """Returns a value as text in which what steers a terminal can be seen."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda c: f"\\x{ord(c[0]):02x}", str(value))
