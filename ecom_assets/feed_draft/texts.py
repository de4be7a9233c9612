"""The texts of a drafted feed: its ``feed.yaml`` and the SQL of its datasets. Pure."""

import textwrap
from collections.abc import Sequence
from typing import Any

import yaml

from ecom_assets.contracts import Column, Contract
from ecom_assets.feed_draft.column_types import Fit
from ecom_assets.feed_draft.findings import DAYS, Findings
from ecom_assets.feed_draft.kinds import Columns, Rows
from ecom_assets.feed_draft.names import naming_of
from ecom_assets.feeds import FeedColumn
from ecom_assets.wording import counted

WIDTH = 98
WANTED: dict[str, str] = dict.fromkeys(DAYS, "day or time")
# Where no day is in the name, the newest of these times in a file is its delivery day.
DATING = {
    "order_lines": ("ordered_at",),
    "orders": ("ordered_at",),
    "payments": ("paid_at", "ordered_at", "created_at"),
    "refunds": ("refunded_at", "ordered_at", "created_at"),
}
# A row without one of these is no row of its kind.
ESSENTIAL = {
    "order_lines": ("order_id", "ordered_at", "quantity", "unit_price"),
    "orders": ("order_id", "ordered_at"),
    "customers": ("customer_id",),
    "products": ("product_id",),
    "refunds": ("refund_id", "refunded_at", "refund_amount"),
    "payments": ("payment_id", "order_id", "payment_amount"),
}
KIND_WORDS = {
    "order_lines": "lines of orders",
    "orders": "orders, one a row",
    "customers": "customers",
    "products": "products",
    "refunds": "refunds",
    "payments": "payments",
}


def feed_yaml(found: Findings, columns: Columns) -> str:
    """Returns the text of feed.yaml."""
    feed = found.sample.feed
    part = "the beginning of " if found.sample.is_cut else ""
    rows = counted(found.sample.rows, "row")
    lines = [
        *_comment(
            f"Drafted from {part}{found.sample.name} ({rows}), taken for "
            f"{KIND_WORDS[found.kind]}. Every key is told in docs/bring-your-own-store.md; "
            f"`ecom feed check {feed.feed}` tells what is wrong or missing."
        ),
        *_keys({"feed": feed.feed, "description": feed.description, "owner": feed.owner}),
        *_keys({"format": feed.format}),
        *_keys({"sheet": feed.sheet} if feed.sheet else {}),
        *_naming(found),
        *_layout(found),
        *_document(found),
        "columns:",
    ]
    for at, column in enumerate(feed.columns):
        lines.extend(_column(found, columns, at, column))
    if feed.unused:
        lines.extend(_keys({"unused": list(feed.unused)}))
    return "\n".join(lines) + "\n"


def dataset_sql(contract: Contract, rows: Rows) -> str:
    """Returns the SQL of a dataset; what its contract requires and no column gave, as a comment."""
    lines = [f"-- {line}" for line in _wrapped(rows.told)]
    for column in missing_columns(contract, rows):
        told = (
            f"{contract.dataset} requires {column.name} ({column.type}): "
            f"{column.description.strip()} No column of the sample was recognised as it. Add "
            f"`<column> as {column.name}` below, with a column of feed.yaml."
        )
        lines.extend(f"-- {line}" for line in _wrapped(told))
    source_row = "min(source_row) as source_row" if rows.grouped else "source_row"
    selected = ["file_no", source_row, *(["document_id"] if rows.has_document else [])]
    selected += [
        name if sql == name else f"{sql} as {name}"
        for name, sql in sorted(rows.values.items(), key=lambda item: _place(contract, item[0]))
    ]
    lines += ["select", ",\n".join(f"    {item}" for item in selected), "from lines"]
    lines += [f"where {rows.where}"] if rows.where else []
    return "\n".join([*lines, *(["group by all"] if rows.grouped else [])]) + "\n"


def missing_columns(contract: Contract, rows: Rows) -> list[Column]:
    """Returns the columns that a dataset requires and that nothing fills."""
    return [
        column
        for column in contract.columns
        if column.required and column.default is None and column.name not in rows.values
    ]


def _place(contract: Contract, name: str) -> int:
    return [column.name for column in contract.columns].index(name)


def used_meanings(found: Findings, columns: Columns) -> set[str]:
    """Returns the meanings that the SQL uses, or feed.yaml itself."""
    of_feed = {"currency"} | ({"time_of_day"} if "ordered_at" in columns.used else set())
    return columns.used | (of_feed & found.place.keys())


def _naming(found: Findings) -> list[str]:
    naming = naming_of(found.sample.name)
    delivered: dict[str, Any] = {"from": "landed"}
    told = "No day in the name and no time in the rows: a file is delivered on the day it comes."
    dating = _dating(found)
    if naming.day:
        delivered = {"from": "name", "pattern": naming.day, "format": naming.format}
        told = "The day in a file's name is that of its delivery."
    elif dating:
        delivered = {"from": "column", "column": found.name(dating)}
        told = "The newest day in this column is that of a file's delivery."
    return [
        *_comment(
            "Each file whose whole name matches this regular expression belongs to the feed. "
            "A file of a name that came before replaces that one."
        ),
        *_keys({"pattern": naming.pattern, "example": found.sample.name}),
        *_comment(told),
        f"delivered_on: {_flow(delivered)}",
    ]


def _layout(found: Findings) -> list[str]:
    feed, lines = found.sample.feed, []
    if feed.format == "csv":
        keys = {"encoding": feed.encoding, "delimiter": feed.delimiter, "quote": feed.quote}
        lines += _keys(keys)
    if found.mark_remark:
        lines += _comment(found.mark_remark[0].upper() + found.mark_remark[1:] + ".")
    lines += _keys({"decimal_mark": found.mark})
    if found.nulls:
        lines += _keys({"nulls": list(found.nulls)})
    if "currency" in found.place:
        lines += _comment("A row in another currency than the store's is rejected.")
        lines += _keys({"currency": found.name("currency")})
    return lines


def _document(found: Findings) -> list[str]:
    meaning = _document_meaning(found)
    if meaning is None:
        return []
    lines = [
        *_comment(
            "The rows of one value of this column belong together: when it comes again, in "
            "whatever file, they are replaced as a whole."
        ),
        *_keys({"document": found.name(meaning)}),
    ]
    time = _dating(found)
    return [*lines, *(_keys({"document_time": found.name(time)}) if time else [])]


def _document_meaning(found: Findings) -> str | None:
    """Returns what binds rows together in this kind of export, if the sample has it."""
    ids = {"order_lines": ("order_id",), "refunds": ("refund_id", "order_id")}.get(found.kind, ())
    return next((each for each in ids if each in found.place), None)


def _dating(found: Findings) -> str | None:
    """Returns what dates the rows of this kind of export, if the sample has it."""
    return next((each for each in DATING.get(found.kind, ()) if each in found.place), None)


def _column(found: Findings, columns: Columns, at: int, column: FeedColumn) -> list[str]:
    meaning = next((meaning for meaning, place in found.place.items() if place == at), None)
    told: dict[str, Any] = {"name": column.name, "header": column.header}
    is_used = bool(meaning) and meaning in (*used_meanings(found, columns), _dating(found))
    fit = found.fits.get(at) if is_used else None
    if fit:
        told["type"] = fit.kind.type
        told |= {"format": fit.kind.format} if fit.kind.format else {}
        told |= {"first_year": 1900} if meaning == "birth_on" else {}
        if meaning == "ordered_at" and "time_of_day" in found.place:
            told["time"] = found.name("time_of_day")
    if meaning and _is_required(found, at, meaning):
        told["required"] = True
    line = f"  - {_flow(told)}"
    remarks = _remarks(fit) if fit else []
    if not is_used and (guess := found.fits.get(at) or found.guesses.get(at)):
        kind = guess.kind
        looks = f"type: {kind.type}" + (f", format: '{kind.format}'" if kind.format else "")
        looks += f", and fits {' and '.join(guess.rivals)} as well" if guess.rivals else ""
        remarks = [f"Not used by any SQL; looks like {looks}."]
    if misfit := found.misfits.get(at):
        remarks = [
            f"Named like {misfit}, but most of its values are no {WANTED.get(misfit, 'number')}."
        ]
    return [*(f"  {remark}" for text in remarks for remark in _comment(text)), line]


def _is_required(found: Findings, at: int, meaning: str) -> bool:
    """Whether a row without this column is rejected, whatever gaps the sample happens to have."""
    if meaning == _document_meaning(found):
        return True
    if meaning not in ESSENTIAL[found.kind]:
        return False
    if meaning in ("order_id", "ordered_at") and found.kind in ("order_lines", "orders"):
        return meaning == "order_id" or not found.is_dated_once
    return at in found.complete


def _remarks(fit: Fit) -> list[str]:
    remarks: list[str] = []
    if fit.rivals and fit.kind.format:
        remarks.append(f"The sample fits {' and '.join(fit.rivals)} as well: which is it?")
    if fit.others:
        shown = ", ".join(repr(other) for other in fit.others)
        remarks.append(
            f"{fit.values - fit.fitting:,} of {fit.values:,} values are none of this type, such as "
            f"{shown}: their rows will be rejected."
        )
    return remarks


def _keys(told: dict[str, Any]) -> list[str]:
    return [f"{key}: {_flow(value)}" for key, value in told.items()]


def _flow(value: Any) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False
    )
    return text.removesuffix("...\n").strip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH - 4, break_on_hyphens=False, break_long_words=False)


def _comment(text: str) -> Sequence[str]:
    return [f"# {line}" for line in _wrapped(text)]
