"""What killed processes leave is removed by the next writer, and nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecom_assets.duck import scratch_folder
from ecom_assets.home import Home
from ecom_assets.load_run import logged
from ecom_assets.lock import writer_lock

GONE = 999_999_999


def in_the_making(home: Home, process: int) -> Iterator[Path]:
    """Leaves what a process may leave."""
    folder = home.scratch / f"{process}-abc"
    log = home.state / f"run-{process}.log"
    kept, link = home.landing / f".{process}.part", home.published / f".current-{process}"
    draft = home.published / f".{process}-20260101T000000-abc"
    for path in (folder, home.landing, draft):
        path.mkdir(parents=True, exist_ok=True)
    (folder / "rows.csv").touch()
    log.touch()
    kept.touch()
    link.symlink_to("v1")
    yield from (folder, log, kept, link, draft)


def test_what_killed_processes_left_is_swept(tmp_path: Path) -> None:
    """Only scratch folders were: logs, half-landed files and links stayed for good."""
    home = Home(tmp_path)
    left = list(in_the_making(home, GONE))
    others = list(in_the_making(home, os.getppid()))
    with scratch_folder(home) as ours, writer_lock(home, "run", 0):
        assert ours.is_dir()
    assert not any(os.path.lexists(path) for path in left)
    assert all(os.path.lexists(path) for path in others)


def interrupt(home: Home) -> None:
    with logged(home):
        print("so far")  # noqa: T201
        raise KeyboardInterrupt


def test_the_log_of_an_interrupted_load_is_that_of_the_last_run(tmp_path: Path) -> None:
    """It stayed behind under the name of its process."""
    home = Home(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        interrupt(home)
    assert [path.name for path in home.state.iterdir()] == ["last-run.log"]
    assert (home.state / "last-run.log").read_text() == "so far\n"
