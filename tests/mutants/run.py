"""Which mutants of the SQL are noticed: ``python -m tests.mutants.run [NAME ...]``.

Each mutant is tried in a process of its own, first on dbt's unit tests of the models that have it,
run in memory, then on the tests that its file names. Names may be parts of names or areas. Fails
where one survives that is not explained, or one is noticed that is said to survive.
"""

import io
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import pytest

from ecom_assets.home import Home
from ecom_assets.stores import Store, Stores, save_stores
from ecom_assets.warehouse.project import load_project
from tests.harness.unit_tests import passes, unit_tests
from tests.harness.warehouse import Warehouse
from tests.mutants.mutant import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
SURVIVED = ""


@contextmanager
def empty_warehouse() -> Iterator[Warehouse]:
    """A warehouse in memory with every table and no delivered row."""
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        shop = Store(currency="GBP", timezone="Europe/London")
        save_stores(home, Stores(stores={"shop": shop}))
        with Warehouse(home) as warehouse:
            warehouse.build()
            yield warehouse


def killer(mutant: Mutant) -> str:
    """Returns the test that notices a mutant, SURVIVED where none does.

    The fault is in the process afterwards: call it in one of its own.
    """
    with empty_warehouse() as warehouse:
        mutant.put()
        for test in unit_tests(mutant.models):
            if not passes(warehouse.connection, test):
                return f"{test['model']}::{test['name']}"
    return next((path for path in mutant.killers if not _is_green(path)), SURVIVED)


def _is_green(path: str) -> bool:
    """Whether the tests of a file pass in this process."""
    quiet = io.StringIO()
    options = ("-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider")
    with redirect_stdout(quiet), redirect_stderr(quiet):
        return pytest.main([*options, str(ROOT / path)]) == pytest.ExitCode.OK


def _chosen(names: Sequence[str]) -> list[Mutant]:
    return [m for m in mutants() if not names or any(n in (m.area, m.name) for n in names)]


def main() -> None:
    """Tries the mutants and prints what notices each."""
    say = sys.stdout.write
    chosen, wrong, killed, began = _chosen(sys.argv[1:]), 0, 0, monotonic()
    load_project()
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as one:
        for path in sorted({path for mutant in chosen for path in mutant.killers}):
            if not one.apply(_is_green, (path,)):
                sys.exit(f"{path} fails without any mutant: mend that first")
        for mutant in chosen:
            noticed = one.apply(killer, (mutant,))
            is_wrong = bool(noticed) == bool(mutant.survives)
            wrong += is_wrong
            killed += bool(noticed)
            verdict = f"killed by {noticed}" if noticed else "survived"
            reason = f" ({mutant.survives})" if mutant.survives else ""
            say(f"{'WRONG ' if is_wrong else ''}{mutant.area}: {mutant.name}: {verdict}{reason}\n")
            sys.stdout.flush()
    say(
        f"{len(chosen)} mutants in {monotonic() - began:.0f} s: {killed} killed, "
        f"{len(chosen) - killed} survived, {wrong} not as they should be\n"
    )
    sys.exit(1 if wrong or not chosen else 0)


if __name__ == "__main__":
    main()
