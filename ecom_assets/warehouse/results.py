"""What a dbt invocation did, as writes and verdicts of the gate. Pure but for reading tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from ecom_assets.publish.gate import EXAMPLE_ROWS, Gate, RequiredCheck, Verdict
from ecom_assets.warehouse.project import DataTest, Project
from ecom_assets.wording import with_our_advice

OUT_OF_MEMORY = "Out of Memory Error"  # as DuckDB says it
DONE = {"success", "pass", "warn", "fail"}


def note_results(
    gate: Gate, project: Project, results: Sequence[Mapping[str, Any]], generation: str
) -> list[Mapping[str, Any]]:
    """Notes in the gate which tables were written and which tests were judged.

    Args:
        gate: The gate to change.
        project: The project that was run.
        results: The results of dbt's run_results.json, in order of execution.
        generation: The inputs that the tables were built from.

    Returns:
        The results of failed tests.
    """
    tests = {test.unique_id: test for test in project.tests}
    names = {f"model.ecom.{name}": name for name in project.models}
    names |= {f"seed.ecom.{name}": name for name in project.models}
    failed: list[Mapping[str, Any]] = []
    for result in sorted(results, key=_completed_at):
        unique_id, status = result["unique_id"], result["status"]
        if unique_id in names and status == "success":
            gate.wrote(names[unique_id], generation)
            gate.verdicts.pop(names[unique_id], None)
        elif unique_id in names and status == "error":
            fault = f"cannot be built: {with_our_advice(str(result.get('message')))}"
            gate.judged(Verdict(name=names[unique_id], passed=False, message=fault))
        elif unique_id in tests and status in DONE | {"error"}:
            passed = status == "pass"
            test = tests[unique_id]
            message = "" if passed else _message(test, result)
            found = result.get("failures") or 0
            gate.judged(
                Verdict(
                    name=test.name,
                    passed=passed,
                    blocking=test.blocking,
                    message=message,
                    found=found,
                )
            )
            if not passed:
                failed.append(result)
    return failed


def add_examples(
    gate: Gate,
    project: Project,
    failed: Sequence[Mapping[str, Any]],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Adds some of the offending rows to the verdicts of failed tests."""
    tests = {test.unique_id: test for test in project.tests}
    for result in failed:
        sql = result.get("compiled_code")
        if not sql or result["status"] == "error":
            continue
        cursor = connection.execute(f"select * from ({sql}) limit {EXAMPLE_ROWS}")
        names = [str(column[0]) for column in cursor.description or []]
        rows = tuple(
            {name: str(value) for name, value in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        )
        name = tests[result["unique_id"]].name
        gate.judged(gate.verdicts[name].model_copy(update={"rows": rows}))


def ran_out_of_memory(results: Sequence[Mapping[str, Any]]) -> bool:
    """Returns whether DuckDB had too little memory for a model or a test."""
    return any(
        result["status"] == "error" and OUT_OF_MEMORY in str(result.get("message"))
        for result in results
    )


def required_tests(project: Project) -> list[RequiredCheck]:
    """Returns what the gate wants of the dbt tests."""
    return [RequiredCheck(test.name, test.models) for test in project.tests if test.blocking]


def _message(test: DataTest, result: Mapping[str, Any]) -> str:
    if result["status"] == "error":
        return with_our_advice(f"{result.get('message') or 'error'}")
    return f"{test.claim} Rows that break this: {result['failures']}."


def _completed_at(result: Mapping[str, Any]) -> str:
    return max((timing["completed_at"] or "" for timing in result["timing"]), default="")
