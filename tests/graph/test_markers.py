"""The markers that are declared are those that tests have."""

import re
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.graph

ROOT = Path(__file__).resolve().parents[2]
BUILT_IN = {"parametrize", "usefixtures"}


def test_every_declared_marker_is_of_some_test_and_the_other_way_round() -> None:
    """`make test` left out tests with a browser, of which there were none."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]
    declared = {text.partition(":")[0] for text in options["ini_options"]["markers"]}
    used = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"pytest\.mark\.(\w+)", path.read_text("utf-8"))
    }
    assert used - BUILT_IN == declared
