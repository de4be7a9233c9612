"""The project runs from a checkout, and says so to whoever builds something else of it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.deep]

ROOT = Path(__file__).resolve().parents[2]
UV = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")


def test_no_wheel_is_built_that_could_not_run(tmp_path: Path) -> None:
    """`uv build` made one without dbt/: its `ecom run` looked for models in dbt's own package."""
    done = subprocess.run(
        [UV, "build", "--wheel", "--out-dir", str(tmp_path / "dist"), str(ROOT)],
        env={k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Ecom Assets runs from a checkout" in done.stderr
    assert not list(tmp_path.rglob("*.whl"))
