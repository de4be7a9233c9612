"""One process does what another was started for, as that other one."""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from ecom_assets.settings import child_environment, settings
from ecom_assets.warehouse import waiting_dbt
from ecom_assets.warehouse.waiting_dbt import dbt_in_waiting

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
LOCKED = """#!{python}
import multiprocessing, sys
from pathlib import Path
lock = multiprocessing.get_context("spawn").RLock()
print("started", file=sys.stderr, flush=True)
Path({ready!r}).touch()
sys.stdin.read()
"""
ASKING = """
import os, sys
from pathlib import Path
from ecom_assets.warehouse.waiting_dbt import hand_over
os.environ["ASKING"] = str(os.getpid())
done = hand_over(Path(sys.argv.pop(1)))
sys.exit(99 if done is None else done)
"""


@pytest.fixture
def ignored_interrupts() -> Generator[None]:
    held = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, held)


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


def start_asking(folder: Path, word: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", ASKING, str(folder / "entry" / "door"), word],
        env=child_environment(folder / "home"),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ask(folder: Path, word: str) -> "subprocess.CompletedProcess[str]":
    with start_asking(folder, word) as asking:
        said, wrong = asking.communicate()
    return subprocess.CompletedProcess(asking.args, asking.returncode, said, wrong)


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
    """One that came with the beginning ended who asked, and the work went on without it."""
    assert ask(tmp_path, "interrupt").returncode == 5


@pytest.mark.usefixtures("ignored_interrupts", "waiting")
def test_an_interrupt_reaches_the_work_of_a_load_in_the_background(tmp_path: Path) -> None:
    assert ask(tmp_path, "interrupt").returncode == 5


@pytest.mark.usefixtures("waiting")
def test_work_that_is_killed_has_failed(tmp_path: Path) -> None:
    assert ask(tmp_path, "die").returncode == 1


def test_an_end_that_comes_together_with_the_beginning_is_no_part_of_it(tmp_path: Path) -> None:
    """Short work was done before its number had been read: exit code 0 became a digit of that."""
    with socket.socket(socket.AF_UNIX) as door:
        (tmp_path / "entry").mkdir()
        door.bind(str(tmp_path / "entry" / "door"))
        door.listen(1)
        with start_asking(tmp_path, "well") as asking:
            line, _ = door.accept()
            with line, line.makefile("rb") as asked:
                asked.readline()  # goes with the output
                asked.readline()
                line.sendall(b"123\n0\n")
            asking.wait(20)
    assert asking.returncode == 0


def test_nothing_is_done_for_one_who_ends_before_it_begins(
    tmp_path: Path, waiting: "subprocess.Popen[bytes]"
) -> None:
    with socket.socket(socket.AF_UNIX) as line, (tmp_path / "said").open("w") as said:
        line.connect(str(tmp_path / "entry" / "door"))
        socket.send_fds(line, [b"\n"], [said.fileno(), said.fileno()])
        asked = {"argv": ["", "well"], "environment": {}, "folder": str(tmp_path)}
        line.sendall(json.dumps(asked).encode() + b"\n")
        assert int(line.recv(100)) == waiting.pid
    assert waiting.wait(20) == 0
    assert (tmp_path / "said").read_text() == ""


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


def test_none_waits_where_a_socket_would_have_too_long_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with dbt_in_waiting():
        assert settings().dbt_waiting is None
    assert list(folder.iterdir()) == []


def test_a_dbt_that_nobody_wanted_ends_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A load that ended before dbt, red or interrupted, warned of semaphores that had leaked."""
    program, ready = tmp_path / "dbt", tmp_path / "ready"
    program.write_text(LOCKED.format(python=sys.executable, ready=str(ready)))
    program.chmod(0o755)
    monkeypatch.setattr(waiting_dbt, "DBT", str(program))
    deadline = time.monotonic() + 60
    with dbt_in_waiting():
        while not ready.exists():
            assert time.monotonic() < deadline, "it has not started"
            time.sleep(0.01)
    assert capfd.readouterr().err == ""
