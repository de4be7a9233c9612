"""Judging dataset rows against their contract: every kind of rule, defaults, conflicting keys."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pytest

from ecom_assets.contracts import Contract
from ecom_assets.ingest.judge_rows import conflicts_sql, dataset_rows_sql

Scratch = duckdb.DuckDBPyConnection
Faults = list[tuple[str, str]]


def contract_of(*columns: Mapping[str, Any], **changes: Any) -> Contract:
    """A contract of some columns, the first of which is the key."""
    described = [{"description": "a column", "type": "text"} | dict(c) for c in columns]
    rest = {"description": "rows", "grain": "one row per row", "owner": "team:sales"}
    key = [columns[0]["name"]]
    return Contract.model_validate(
        {"dataset": "raw_things", "key": key, "columns": described, **rest, **changes}
    )


def judge_rows(scratch: Scratch, contract: Contract, *rows: str) -> list[tuple[Any, ...]]:
    """Judges rows, each the SQL of a select list; returns their values and faults in order."""
    sql = " union all ".join(
        f"select 0 as file_no, {no} as source_row, {row}" for no, row in enumerate(rows, start=2)
    )
    described = scratch.execute(f"describe {sql}").fetchall()
    produced = {str(name): str(kind) for name, kind, *_ in described}
    scratch.execute(dataset_rows_sql(contract, produced, sql))
    if not contract.is_history:
        scratch.execute(conflicts_sql(contract))
    names = ", ".join(column.name for column in contract.columns)
    return scratch.execute(
        f"select {names}, list_transform(faults, lambda f: {{'rule': f.rule, 'reason': f.reason}}) "
        f"from {contract.dataset} order by source_row"
    ).fetchall()


def judge_value(scratch: Scratch, sql: str, **column: Any) -> tuple[Any, Faults]:
    """Judges one value of one column ``x``."""
    contract = contract_of({"name": "x", **column})
    ((value, faults),) = judge_rows(scratch, contract, f"{sql} as x")
    return value, [(fault["rule"], fault["reason"]) for fault in faults]


# Kinds of rules


def test_a_missing_value_is_accepted_unless_it_is_required(scratch: Scratch) -> None:
    assert judge_value(scratch, "null::text") == (None, [])
    assert judge_value(scratch, "null::text", required=True) == (
        None,
        [("required", "x is missing")],
    )


def test_a_column_that_the_feed_does_not_fill_is_missing(scratch: Scratch) -> None:
    contract = contract_of({"name": "x"}, {"name": "y", "required": True}, {"name": "z"})
    assert judge_rows(scratch, contract, "'a' as x") == [
        ("a", None, None, [{"rule": "required", "reason": "y is missing"}])
    ]


@pytest.mark.parametrize(
    ("type_name", "default", "value"),
    [("boolean", "false", False), ("money", "0", 0), ("text", "'product'", "product")],
)
def test_a_default_takes_the_place_of_a_missing_value(
    scratch: Scratch, type_name: str, default: str, value: object
) -> None:
    column = {"type": type_name, "default": default, "required": True}
    assert judge_value(scratch, "null", **column) == (value, [])
    produced = judge_rows(scratch, contract_of({"name": "k"}, {"name": "x", **column}), "'a' as k")
    assert produced == [("a", value, [])]


def test_a_default_does_not_hide_a_wrong_type(scratch: Scratch) -> None:
    _, faults = judge_value(scratch, "'maybe'", type="boolean", default="false")
    assert faults == [("type", "x: maybe is no truth value")]


@pytest.mark.parametrize(
    ("type_name", "sql", "reason"),
    [
        ("integer", "'six'", "six is no whole number"),
        ("integer", "6.5", "6.5 is no whole number"),
        ("integer", "'6.5'", "6.5 is no whole number"),
        ("integer", "1e300::double", "1e+300 is no whole number"),
        ("money", "1.23456", "1.23456 is no amount with at most 14 digits and 4 decimals"),
        ("money", "1e17::double", "1e+17 is no amount with at most 14 digits and 4 decimals"),
        ("quantity", "0.00001", "0.00001 is no number with at most 14 digits and 4 decimals"),
        ("rate", "1e-9::double", "1e-09 is no number with at most 10 digits and 8 decimals"),
        ("date", "'soon'", "soon is no date"),
        ("timestamp", "'soon'", "soon is no time"),
        ("boolean", "'maybe'", "maybe is no truth value"),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_rejected(
    scratch: Scratch, type_name: str, sql: str, reason: str
) -> None:
    """A required value was said to be missing as well."""
    column = {"type": type_name, "required": True}
    assert judge_value(scratch, sql, **column)[1] == [("type", f"x: {reason}")]


@pytest.mark.parametrize(
    ("type_name", "sql", "shown"),
    [
        ("integer", "'6'", "6"),
        ("integer", "6.0", "6"),
        ("money", "12.340000000000001::double", "12.3400"),
        ("money", "3 * 1.25", "3.7500"),
        ("rate", "0.85712345", "0.85712345"),
        ("boolean", "'true'", "True"),
        ("date", "timestamp '2011-08-07 10:00:00'", "2011-08-07"),
        ("text", "536365", "536365"),
    ],
)
def test_a_value_that_fits_exactly_is_cast(
    scratch: Scratch, type_name: str, sql: str, shown: str
) -> None:
    value, faults = judge_value(scratch, sql, type=type_name)
    assert (f"{value}", faults) == (shown, [])


def test_a_value_must_be_one_of_those_named(scratch: Scratch) -> None:
    names = ["paid", "it's"]
    assert judge_value(scratch, "'it''s'", one_of=names) == ("it's", [])
    assert judge_value(scratch, "'lost'", one_of=names)[1] == [
        ("one_of", "x: lost is none of paid, it's")
    ]


def test_a_value_must_match_its_whole_pattern(scratch: Scratch) -> None:
    assert judge_value(scratch, "'GB'", pattern="[A-Z]{2}") == ("GB", [])
    assert judge_value(scratch, "'GBR'", pattern="[A-Z]{2}")[1] == [
        ("pattern", "x: GBR does not match [A-Z]{2}")
    ]


@pytest.mark.parametrize(
    ("sql", "faults"),
    [
        ("0.99", [("range", "x: 0.9900 is below 1")]),
        ("1", []),
        ("2.5", []),
        ("2.51", [("range", "x: 2.5100 is above 2.5")]),
    ],
)
def test_a_value_must_lie_within_its_range_ends_included(
    scratch: Scratch, sql: str, faults: Faults
) -> None:
    assert judge_value(scratch, sql, type="money", minimum=1, maximum=2.5)[1] == faults


def test_a_bound_is_as_fine_as_a_rate(scratch: Scratch) -> None:
    _, faults = judge_value(scratch, "0.00000001", type="rate", minimum=0.00000002)
    assert faults == [("range", "x: 0.00000001 is below 2e-08")]


@pytest.mark.parametrize(
    "column", [{"one_of": ["a"]}, {"pattern": "a"}, {"type": "money", "minimum": 1, "maximum": 2}]
)
def test_a_missing_value_breaks_no_rule_but_required(
    scratch: Scratch, column: dict[str, Any]
) -> None:
    assert judge_value(scratch, "null", **column) == (None, [])


def test_a_rule_over_several_columns_rejects_where_it_is_false(scratch: Scratch) -> None:
    columns = ({"name": "k"}, {"name": "a", "type": "integer"}, {"name": "b", "type": "integer"})
    rules = [{"name": "grows", "sql": "b >= a", "reason": "it's shrinking"}]
    contract = contract_of(*columns, rules=rules)
    rows = judge_rows(
        scratch,
        contract,
        *(f"'{k}' as k, {a} as a, {b} as b" for k, a, b in ("x12", "y21")),
        "'z' as k, null as a, 2 as b",
    )
    fault = {"rule": "grows", "reason": "it's shrinking"}
    assert [row[-1] for row in rows] == [[], [fault], []]


def test_every_fault_of_a_row_is_told(scratch: Scratch) -> None:
    columns = (
        {"name": "k", "required": True},
        {"name": "a", "type": "integer", "minimum": 0},
        {"name": "b", "pattern": "x"},
    )
    rules = [{"name": "never", "sql": "false", "reason": "never right"}]
    ((*_, faults),) = judge_rows(
        scratch, contract_of(*columns, rules=rules), "null as k, -1 as a, 'y' as b"
    )
    assert [fault["rule"] for fault in faults] == ["required", "range", "pattern", "never"]


def test_columns_and_values_may_have_any_name(scratch: Scratch) -> None:
    contract = contract_of({"name": "order"}, {"name": "it's", "one_of": ["a%"]})
    names = '"order", "it\'s"'
    sql = "select 0 as file_no, 2 as source_row, 'k' as \"order\", 'b' as \"it's\""
    produced = {"order": "VARCHAR", "it's": "VARCHAR"}
    scratch.execute(dataset_rows_sql(contract, produced, sql + ";"))
    row = scratch.execute(f"select {names}, faults[1].reason from raw_things").fetchone()
    assert row == ("k", "b", "it's: b is none of a%")


# Conflicting keys

THING = ({"name": "k"}, {"name": "a", "type": "integer"})
VERSIONED = (*THING, {"name": "updated_at", "type": "timestamp"})


def conflicts(scratch: Scratch, contract: Contract, rows: Sequence[str]) -> list[bool]:
    """Returns of each row whether its key conflicts."""
    faults = [row[-1] for row in judge_rows(scratch, contract, *rows)]
    return ["conflicting_key" in [fault["rule"] for fault in listed] for listed in faults]


def test_rows_of_one_key_that_differ_are_all_rejected(scratch: Scratch) -> None:
    rows = ["'x' as k, 1 as a", "'x', 2", "'y', 1", "'x', 1"]
    assert conflicts(scratch, contract_of(*THING), rows) == [True, True, False, True]


def test_the_reason_of_a_conflict_names_the_key(scratch: Scratch) -> None:
    (_, _, (fault,)), _ = judge_rows(scratch, contract_of(*THING), "'x' as k, 1 as a", "'x', 2")
    assert fault["reason"] == "rows with one k differ within one file"


def test_exact_copies_are_no_conflict(scratch: Scratch) -> None:
    rows = ["'x' as k, 1 as a", "'x', 1", "'y', null", "'y', null"]
    assert conflicts(scratch, contract_of(*THING), rows) == [False] * 4


def test_a_missing_value_differs_from_a_given_one(scratch: Scratch) -> None:
    rows = ["'x' as k, 1 as a", "'x', null"]
    assert conflicts(scratch, contract_of(*THING), rows) == [True, True]


def test_a_missing_key_conflicts_too(scratch: Scratch) -> None:
    rows = ["null::text as k, 1 as a", "null, 2"]
    assert conflicts(scratch, contract_of(*THING), rows) == [True, True]


def test_different_times_of_change_are_versions(scratch: Scratch) -> None:
    rows = [
        "'x' as k, 1 as a, timestamp '2011-08-07' as updated_at",
        "'x', 2, timestamp '2011-08-08'",
        "'x', 3, null",
    ]
    assert conflicts(scratch, contract_of(*VERSIONED), rows) == [False] * 3


@pytest.mark.parametrize("at", ["timestamp '2011-08-07'", "null::timestamp"])
def test_equal_or_missing_times_of_change_conflict(scratch: Scratch, at: str) -> None:
    rows = [f"'x' as k, 1 as a, {at} as updated_at", f"'x', 2, {at}"]
    assert conflicts(scratch, contract_of(*VERSIONED), rows) == [True, True]


def test_differing_rows_of_a_history_are_versions(scratch: Scratch) -> None:
    rows = ["'x' as k, 1 as a", "'x', 2"]
    assert conflicts(scratch, contract_of(*THING, is_history=True), rows) == [False, False]


def test_rows_of_two_files_do_not_conflict(scratch: Scratch) -> None:
    contract = contract_of(*THING)
    sql = "select no as file_no, 2 as source_row, 'x' as k, no as a from range(2) as t(no)"
    scratch.execute(dataset_rows_sql(contract, {"k": "VARCHAR", "a": "BIGINT"}, sql))
    scratch.execute(conflicts_sql(contract))
    assert scratch.execute("select sum(len(faults)) from raw_things").fetchone() == (0,)


@pytest.mark.parametrize(
    ("numbers", "faults"), [((1, 2), 0), ((2, 1), 0), ((0, 0), 2), ((None, None), 2)]
)
def test_numbered_changes_of_a_table_do_not_conflict(
    scratch: Scratch, numbers: tuple[int | None, ...], faults: int
) -> None:
    """Of an order line that was changed twice between two pulls nothing was left."""
    contract = contract_of(*THING)
    scratch.execute("create or replace temp table few (file_no int, source_row int, change int)")
    scratch.executemany("insert into few values (0, ?, ?)", list(enumerate(numbers)))
    scratch.execute("create or replace temp view lines as from few")
    sql = "select 0 as file_no, no as source_row, 'x' as k, no as a from range(2) as t(no)"
    scratch.execute(dataset_rows_sql(contract, {"k": "VARCHAR", "a": "BIGINT"}, sql))
    scratch.execute(conflicts_sql(contract, "change"))
    assert scratch.execute("select sum(len(faults)) from raw_things").fetchone() == (faults,)
