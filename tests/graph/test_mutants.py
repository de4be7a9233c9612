"""The mutants of the SQL are of the SQL as it is; the whole run is ``make mutants``."""

from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant, mutants

pytestmark = pytest.mark.graph

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: f"{mutant.area}: {mutant.name}")
def test_a_mutant_s_text_is_still_in_the_project(mutant: Mutant) -> None:
    own = mutant.own_text()
    assert mutant.applied_to(own) != own
    assert all((ROOT / path).is_file() for path in mutant.killers)


def test_a_mutant_of_a_strategy_is_in_no_model() -> None:
    """It was looked for in every model that has another inlined, and ended the run."""
    assert {m.models for m in mutants() if m.strategy} == {()}
    assert all(m.models for m in mutants() if m.model)


def test_no_two_mutants_have_one_name() -> None:
    names = [(mutant.area, mutant.name) for mutant in mutants()]
    assert len(set(names)) == len(names) > 90


@pytest.mark.parametrize(
    ("find", "nth", "places"),
    [
        ("tail.rebuild_off", 0, "0 places"),
        ("store_id", 0, "places"),
        ("t.store_id = tail.store_id", 9, "1"),
    ],
)
def test_a_mutant_without_its_one_place_is_refused(find: str, nth: int, places: str) -> None:
    stale = Mutant("history", "stale", find, "x", strategy="tail", nth=nth)
    with pytest.raises(LookupError, match=places):
        stale.applied_to(stale.own_text())
