"""Running a command as a child process and measuring from outside what it took."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.session_memory import SessionMemory, session_memory, session_processes

ROOT = Path(__file__).resolve().parents[1]
SAMPLE_SECONDS = 0.05
TAIL = -2000


class ChildError(Exception):
    """A measured command failed or took too long."""


@dataclass(frozen=True)
class Measured:
    """What one command took.

    Attributes:
        wall: Seconds from start to end, its own start-up included.
        cpu: Seconds of processor of the command and all that it started.
        process_bytes: Peak memory of the largest process.
        tree_bytes: Peak memory of all its processes at one moment.
        said: What it printed.
    """

    wall: float
    cpu: float
    process_bytes: int
    tree_bytes: int
    said: str


def measure(command: Sequence[str], limit_seconds: float) -> Measured:
    """Runs a command from the project's root in a session of its own.

    Raises:
        ChildError: It failed, or was ended because it took longer than the limit.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        started = time.monotonic()
        child = subprocess.Popen(
            command, cwd=ROOT, stdout=said, stderr=complained, start_new_session=True
        )
        with _ended_after(child.pid, limit_seconds), _sampled(child.pid) as samples:
            _, status, used = os.wait4(child.pid, 0)
            wall = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait again
        _end_session(child.pid)  # nothing lives there any more, unless it was cut short
        if wall >= limit_seconds:
            raise ChildError(f"{' '.join(command)} was ended: it took over {limit_seconds:g} s")
        if child.returncode:
            complained.seek(0)
            told = complained.read().decode(errors="replace")[TAIL:]
            raise ChildError(f"{' '.join(command)} failed: {told}")
        said.seek(0)
        return Measured(
            wall=wall,
            cpu=used.ru_utime + used.ru_stime,
            process_bytes=max((sample.largest for sample in samples), default=0),
            tree_bytes=max((sample.together for sample in samples), default=0),
            said=said.read().decode(),
        )


@contextlib.contextmanager
def _sampled(session: int) -> Generator[list[SessionMemory]]:
    """Notes the memory of a session again and again.

    The kernel's own ``ru_maxrss`` begins with what this process held when it started the child.
    """
    samples: list[SessionMemory] = []
    over = threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            samples.append(session_memory(session))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def _ended_after(session: int, seconds: float) -> Generator[None]:
    """Ends a session that lives longer; and at once where the wait for it is interrupted."""
    timer = threading.Timer(seconds, _end_session, [session])
    timer.start()
    try:
        yield
    except BaseException:
        _end_session(session)
        raise
    finally:
        timer.cancel()


def _end_session(session: int) -> None:
    for process in session_processes(session):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
