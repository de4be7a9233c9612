"""The writer lock: one writer a home, also over killed processes."""

import fcntl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ecom_assets import lock
from ecom_assets.errors import BusyError
from ecom_assets.home import Home
from ecom_assets.lock import describe_writer, writer_lock
from ecom_assets.settings import child_environment

HOLD = """
import sys, time
from pathlib import Path
from ecom_assets.home import Home
from ecom_assets.lock import writer_lock
with writer_lock(Home(Path(sys.argv[1])), "other run", 1):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other_writer(tmp_path: Path) -> "subprocess.Popen[str]":
    """Another process that holds the lock until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_nobody_holds_a_fresh_home(tmp_path: Path) -> None:
    assert describe_writer(Home(tmp_path)) is None
    with writer_lock(Home(tmp_path), "run", 1):
        pass
    assert describe_writer(Home(tmp_path)) is None


def test_who_waits_is_told_who_writes(
    tmp_path: Path, other_writer: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecom_assets.lock.REPORT_SECONDS", 0.0)
    told: list[str] = []
    with (
        pytest.raises(BusyError, match="other run"),
        writer_lock(Home(tmp_path), "run", 0.5, told.append),
    ):
        pass
    assert f"process {other_writer.pid}" in told[0]
    assert "other run" in str(describe_writer(Home(tmp_path)))


def test_two_who_ask_do_not_take_each_other_for_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking took the lock: `ecom status` beside the sensor named a run that was over."""
    home = Home(tmp_path)
    with writer_lock(home, "over", 0):
        pass
    one_asks, other_is_told = lock._try_lock, []

    def other_asks_meanwhile(*asked: Any) -> bool:
        done = one_asks(*asked)
        with monkeypatch.context() as patch:
            patch.setattr(lock, "_try_lock", one_asks)
            other_is_told.append(describe_writer(home))
        return done

    monkeypatch.setattr(lock, "_try_lock", other_asks_meanwhile)
    assert describe_writer(home) is None
    assert other_is_told == [None]


def test_a_writer_without_patience_is_not_busy_where_others_only_ask(tmp_path: Path) -> None:
    """Of 585 loads with timeout 0 beside three processes that asked, 3 gave up."""
    home = Home(tmp_path)
    with writer_lock(home, "over", 0):
        pass
    with home.writer_lock.open() as asked:
        fcntl.flock(asked, fcntl.LOCK_SH)
        done = threading.Timer(0.05, fcntl.flock, [asked, fcntl.LOCK_UN])
        done.start()
        with writer_lock(home, "run", 0):
            assert "run" in str(describe_writer(home))
        done.join()


def test_who_asks_and_never_ends_is_not_waited_for_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.05)
    home = Home(tmp_path)
    home.state.mkdir()
    with home.writer_lock.open("a+") as asked:
        fcntl.flock(asked, fcntl.LOCK_SH)
        with pytest.raises(BusyError), writer_lock(home, "run", 0):
            pass


def test_a_killed_writer_blocks_nobody(
    tmp_path: Path, other_writer: "subprocess.Popen[str]"
) -> None:
    other_writer.kill()
    other_writer.wait()
    with writer_lock(Home(tmp_path), "run", 5):
        assert "run" in str(describe_writer(Home(tmp_path)))


def test_a_dbt_process_that_outlived_its_run_is_waited_for(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state.mkdir()
    with home.dbt_lock.open("a+") as orphan:
        fcntl.flock(orphan, fcntl.LOCK_EX)
        home.writer_lock.write_text('{"pid": 1, "run_id": "killed", "since": "today"}')
        with pytest.raises(BusyError, match="killed"), writer_lock(home, "run", 0.3):
            pass
    with writer_lock(home, "run", 0.3):
        pass


def test_dbt_does_not_start_when_its_parent_is_gone(tmp_path: Path) -> None:
    """The parent was killed while the child waited for the lock of an older orphan."""
    home = Home(tmp_path)
    home.state.mkdir()
    script = (
        "import os, subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', sys.argv[1]], stderr=open(sys.argv[2], 'w'))\n"
        "sys.stdout.write(sys.stdin.readline()); os._exit(0)\n"
    )
    child = "from ecom_assets.warehouse.dbt_process import main; main()"
    log = tmp_path / "child.log"
    with home.dbt_lock.open("a+") as older:
        fcntl.flock(older, fcntl.LOCK_EX)
        parent = subprocess.Popen(
            [sys.executable, "-c", script, child, str(log)],
            env=child_environment(tmp_path),
            stdin=subprocess.PIPE,
            text=True,
        )
        _wait_until_blocked(home, parent)
        parent.communicate("go\n", timeout=20)
    _wait_until_free(home)
    assert "the run that wanted it is gone" in log.read_text()


def test_dbt_does_not_start_for_a_run_that_was_gone_before_it_looked(tmp_path: Path) -> None:
    """Python itself takes a moment to start: by then the parent was whoever reaps orphans."""
    done = subprocess.run(
        [sys.executable, "-c", "from ecom_assets.warehouse.dbt_process import main; main()"],
        env=child_environment(tmp_path) | {"ECOM_DBT_PARENT": "999999999"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the run that wanted it is gone" in done.stderr


def test_dbt_holds_its_lock_until_its_databases_are_closed(tmp_path: Path) -> None:
    """They are at the very end of the process: who wrote next found the warehouse locked."""
    script = (
        "import atexit, sys\n"
        "from ecom_assets.home import Home\n"
        "from ecom_assets.lock import _is_written\n"
        "from ecom_assets.warehouse.dbt_process import main\n"
        "atexit.register(lambda: print('held:', _is_written(Home.current().dbt_lock)))\n"
        "sys.argv = ['ecom-dbt', '--help']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=child_environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "held: True"


def _wait_until_blocked(home: Home, parent: "subprocess.Popen[str]") -> None:
    """Waits until the grandchild has the lock file open."""
    while not _openers(home.dbt_lock):
        assert parent.poll() is None


def _wait_until_free(home: Home) -> None:
    while _openers(home.dbt_lock):
        pass


def _openers(path: Path) -> list[str]:
    """Returns the other processes that have a file open."""
    found: list[str] = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.resolve() == path and link.parts[2] != str(_self()):
                found.append(link.parts[2])
        except OSError:
            continue
    return found


def _self() -> int:
    return int(Path("/proc/self").resolve().name)
