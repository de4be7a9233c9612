"""What the benchmark measures of a child process, from outside."""

import sys
import time
from pathlib import Path

import pytest

from benchmarks.child import ChildError, measure
from benchmarks.compare import verdict
from benchmarks.session_memory import session_memory

MB = 1_000_000
# A process that holds memory beside a child of its own that holds as much.
TWO = """
import subprocess, sys, time
hold = "import time; held = b'x' * 60_000_000; time.sleep(0.3)"
child = subprocess.Popen([sys.executable, "-c", hold])
exec(hold)
child.wait()
print("done")
"""
# One that would stay, with a child of its own that would stay too.
STAYS = """
import os, subprocess, sys, time
open(sys.argv[1], "w").write(str(os.getpid()))
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
time.sleep(60)
"""


def test_memory_is_that_of_the_largest_process_and_of_all_at_one_moment() -> None:
    """The kernel's own figure was that of whoever started the child, where that is larger."""
    measured = measure([sys.executable, "-c", TWO], 30)
    assert measured.said == "done\n"
    assert 60 * MB < measured.process_bytes < 120 * MB
    assert measured.tree_bytes > 120 * MB
    assert 0 < measured.cpu < measured.wall + 1
    assert measured.wall > 0.3


def test_a_child_that_fails_is_told_with_what_it_complained_of() -> None:
    with pytest.raises(ChildError, match="failed: no such shop"):
        measure([sys.executable, "-c", "import sys; sys.exit('no such shop')"], 30)


def test_a_child_that_takes_too_long_is_ended_with_its_own_children(tmp_path: Path) -> None:
    told = tmp_path / "session"
    with pytest.raises(ChildError, match=r"was ended: it took over 0\.7 s"):
        measure([sys.executable, "-c", STAYS, str(told)], 0.7)
    until = time.monotonic() + 10
    while session_memory(int(told.read_text())).together and time.monotonic() < until:
        time.sleep(0.01)
    assert session_memory(int(told.read_text())).together == 0


def test_a_limit_is_told_to_hold_or_not() -> None:
    assert verdict(2.0, 2) == "at most 2: holds"
    assert verdict(2_001, 2_000) == "at most 2,000: does not hold"
    assert not verdict(5, None)
