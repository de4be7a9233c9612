"""The processes of a session and their memory, as Linux tells it in ``/proc``."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")
PEAK, RESIDENT = re.compile(r"VmHWM:\s+(\d+) kB"), re.compile(r"VmRSS:\s+(\d+) kB")


@dataclass(frozen=True)
class SessionMemory:
    """What a session's processes hold in memory, in bytes.

    Attributes:
        largest: The most that the largest of them has held so far.
        together: What all of them hold now. What several share, such as the code of libraries,
            counts once for each: a bit too much, never too little.
    """

    largest: int = 0
    together: int = 0


def session_memory(session: int) -> SessionMemory:
    """Returns the resident memory of the processes of a session.

    Args:
        session: The process id of its first process.
    """
    peaks, resident = [0], [0]
    for process in session_processes(session):
        with suppress(FileNotFoundError, ProcessLookupError):  # ended since it was listed
            status = (PROCESSES / str(process) / "status").read_text("utf-8", "replace")
            peaks.extend(_bytes(PEAK, status))
            resident.extend(_bytes(RESIDENT, status))
    return SessionMemory(max(peaks), sum(resident))


def session_processes(session: int) -> list[int]:
    """Returns the processes of a session, whatever group they belong to."""
    found: list[int] = []
    for process in filter(str.isdigit, (path.name for path in PROCESSES.iterdir())):
        with suppress(ProcessLookupError):
            if os.getsid(int(process)) == session:
                found.append(int(process))
    return found


def _bytes(line: re.Pattern[str], status: str) -> list[int]:
    """Returns what a line says; one that has ended has none."""
    return [int(kib) * 1024 for kib in line.findall(status)]
