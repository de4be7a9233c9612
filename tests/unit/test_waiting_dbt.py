"""One process does what another was started for, as that other one."""

import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from ecom_assets.settings import child_environment
from ecom_assets.warehouse import waiting_dbt

WAITING = """
import os, signal, sys, time
from pathlib import Path
from ecom_assets.settings import settings
from ecom_assets.warehouse.waiting_dbt import wait_for_work

def work():
    print(sys.argv[1:], settings().home, Path.cwd(), flush=True)
    if sys.argv[1] == "die":
        os._exit(9)
    if sys.argv[1] == "interrupt":
        try:
            os.kill(int(os.environ["ASKING"]), signal.SIGINT)
            time.sleep(20)
        except KeyboardInterrupt:
            sys.exit(5)
    sys.exit("no such thing" if sys.argv[1] == "wrong" else None)

wait_for_work(int(sys.argv[1]), Path(sys.argv[2]), work)
"""
ASKING = """
import os, sys
from pathlib import Path
from ecom_assets.warehouse.waiting_dbt import hand_over
os.environ["ASKING"] = str(os.getpid())
done = hand_over(Path(sys.argv.pop(1)))
sys.exit(99 if done is None else done)
"""


LOCKED = """#!{python}
import multiprocessing, sys
from pathlib import Path
lock = multiprocessing.get_context("spawn").RLock()
print("started", file=sys.stderr, flush=True)
Path({ready!r}).touch()
sys.stdin.read()
"""


@pytest.fixture
def waiting(tmp_path: Path) -> Generator["subprocess.Popen[bytes]"]:
    with socket.socket(socket.AF_UNIX) as door:
        (tmp_path / "entry").mkdir()
        door.bind(str(tmp_path / "entry" / "door"))
        door.listen(1)
        process = subprocess.Popen(
            [sys.executable, "-c", WAITING, str(door.fileno()), str(tmp_path / "entry")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[door.fileno()],
        )
    yield process
    process.kill()
    process.wait()
    if process.stdin:
        process.stdin.close()


def ask(folder: Path, word: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", ASKING, str(folder / "entry" / "door"), word],
        env=child_environment(folder / "home"),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("waiting")
def test_work_is_done_with_the_arguments_home_folder_and_output_of_who_asks(tmp_path: Path) -> None:
    done = ask(tmp_path, "well")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"['well'] {tmp_path / 'home'} {tmp_path}\n"


@pytest.mark.usefixtures("waiting")
def test_a_reason_to_end_is_told_where_it_was_asked(tmp_path: Path) -> None:
    done = ask(tmp_path, "wrong")
    assert (done.returncode, done.stderr) == (1, "no such thing\n")


@pytest.mark.usefixtures("waiting")
def test_an_interrupt_reaches_the_work(tmp_path: Path) -> None:
    assert ask(tmp_path, "interrupt").returncode == 5


@pytest.mark.usefixtures("waiting")
def test_work_that_is_killed_has_failed(tmp_path: Path) -> None:
    assert ask(tmp_path, "die").returncode == 1


def test_only_one_is_served(tmp_path: Path, waiting: "subprocess.Popen[bytes]") -> None:
    ask(tmp_path, "well")
    assert waiting.wait(20) == 0
    assert not (tmp_path / "entry").exists()
    assert ask(tmp_path, "well").returncode == 99


def test_nobody_waits_for_a_process_that_has_ended(
    tmp_path: Path, waiting: "subprocess.Popen[bytes]"
) -> None:
    """Each load that was killed left a folder among the temporary ones."""
    assert waiting.stdin
    waiting.stdin.close()  # as the end of the process would
    assert waiting.wait(20) == 0
    assert not (tmp_path / "entry").exists()


def test_a_dbt_that_nobody_wanted_ends_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A load that ended before dbt, red or interrupted, warned of semaphores that had leaked."""
    program, ready = tmp_path / "dbt", tmp_path / "ready"
    program.write_text(LOCKED.format(python=sys.executable, ready=str(ready)))
    program.chmod(0o755)
    monkeypatch.setattr(waiting_dbt, "DBT", str(program))
    deadline = time.monotonic() + 60
    with waiting_dbt.dbt_in_waiting():
        while not ready.exists():
            assert time.monotonic() < deadline, "it has not started"
            time.sleep(0.01)
    assert capfd.readouterr().err == ""
