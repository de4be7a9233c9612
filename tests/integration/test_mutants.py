"""A fault in the SQL is noticed by the unit tests that run in memory, and without one all pass."""

import subprocess
import sys

import pytest

from tests.harness.unit_tests import passes, unit_tests
from tests.mutants.run import ROOT, empty_warehouse

# In a process of its own: a copy of one that has threads may wait for their locks for ever.
NOTICED_BY = """
import sys
from tests.mutants.mutant import mutants
from tests.mutants.run import killer
print(killer(next(mutant for mutant in mutants() if mutant.name == sys.argv[1])))
"""

pytestmark = [pytest.mark.integration, pytest.mark.deep]


def test_in_memory_all_unit_tests_pass_as_they_do_in_dbt() -> None:
    with empty_warehouse() as warehouse:
        red = [test["name"] for test in unit_tests() if not passes(warehouse.connection, test)]
    assert len(unit_tests()) > 140
    assert red == []


@pytest.mark.parametrize(
    ("name", "test"),
    [
        ("a coin left over is not given", "int_order_shares::"),
        ("a customer's move is no version", "int_customer_versions::"),
        ("a refund counts on the day of its order", "kpi_fraud_daily::"),
    ],
)
def test_a_mutant_is_killed_by_a_unit_test_of_its_model(name: str, test: str) -> None:
    command = [sys.executable, "-c", NOTICED_BY, name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith(test), done.stderr[-2000:]
