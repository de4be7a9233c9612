"""The guide to a store of one's own says what its commands print."""

import shutil
from pathlib import Path

import pytest

from tests.integration.guide import commands_of, environment_of, run, shown

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "bring-your-own-store.md").read_text("utf-8")
HOME = "laden-home"


def test_the_home_of_the_guide_is_not_that_of_the_readme() -> None:
    """Who followed both had two shops in one home."""
    assert f'export ECOM_HOME="$PWD/{HOME}"' in GUIDE
    assert HOME not in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.deep
def test_the_commands_of_the_guide_print_what_it_shows(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "own_store", tmp_path / "examples" / "own_store")
    environment = environment_of(tmp_path, HOME)
    seen = 0
    for commands in commands_of(GUIDE):
        output = run(commands.text, tmp_path, environment)
        if commands.output is not None:
            assert shown(output, tmp_path) == shown(commands.output, tmp_path), commands.text
            seen += 1
    assert seen == 5
