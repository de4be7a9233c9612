"""Which of mutmut's mutants are let pass; the whole run is ``make mutants-python``."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.python.survivors import (
    EXPLAINED,
    Change,
    Tried,
    change_of,
    judge,
    read_explained,
    read_tried,
)

pytestmark = pytest.mark.graph

ROOT = Path(__file__).resolve().parents[2]
HALF = Change("ecom_assets/a.py", "return one / 2", "return one * 2")
DIFFERENCE = """--- ecom_assets/a.py
+++ ecom_assets/a.py
@@ -1,2 +1,2 @@
 def half(one):
-    return one / 2
+    return one * 2"""


def test_a_change_is_what_a_difference_takes_and_puts() -> None:
    assert change_of("ecom_assets/a.py", DIFFERENCE) == HALF


@pytest.mark.parametrize(
    ("status", "explained", "wrong"),
    [
        ("killed", 0, ""),
        ("timeout", 0, ""),
        ("survived", 1, ""),
        ("survived", 2, "is explained in explained.yml and does not survive; remove the entry"),
        ("survived", 0, "`return one / 2` may read `return one * 2`; write a test, or explain"),
        ("killed", 1, "is explained in explained.yml and does not survive; remove the entry"),
        ("no tests", 0, "no tests; run mutmut to the end, with tests of it"),
        ("not checked", 0, "not checked; run mutmut to the end, with tests of it"),
    ],
)
def test_only_an_explained_mutant_may_survive(status: str, explained: int, wrong: str) -> None:
    tried = Tried("a.x_half__mutmut_1", status, HALF)
    found = judge([tried], Counter({HALF: explained}))
    assert len(found) == bool(wrong)
    assert wrong in "".join(found)


def test_what_mutmut_left_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.mutants.python.survivors.get_diff_for_mutant", lambda _: DIFFERENCE)
    (tmp_path / "ecom_assets").mkdir()
    exits = {"one": 1, "two": 0, "three": None}
    (tmp_path / "ecom_assets" / "a.py.meta").write_text(json.dumps({"exit_code_by_key": exits}))
    assert list(read_tried(tmp_path)) == [
        Tried("one", "killed", HALF),
        Tried("two", "survived", HALF),
        Tried("three", "not checked", HALF),
    ]


def test_what_is_explained_is_of_the_code_as_it_is() -> None:
    """Text is compared without line ends: a formatter's are no part of it."""
    explained = read_explained(EXPLAINED)
    assert explained
    for change in explained:
        assert change.was in " ".join((ROOT / change.module).read_text("utf-8").split())
