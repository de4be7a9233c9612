"""The memory of all processes of a session at one moment, as Linux tells it in ``/proc``."""

import os
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")
SESSION = 3  # place of the session's id behind the name of the process in its ``stat``
RESIDENT = 1  # place of the resident pages in ``statm``
PAGE_BYTES = os.sysconf("SC_PAGESIZE")


def session_memory(session: int) -> int:
    """Returns the resident memory of all processes of a session, in bytes.

    What several of them share, such as the code of libraries, counts once for each: a bit too
    much, never too little.

    Args:
        session: The process id of its first process.
    """
    found = 0
    for process in PROCESSES.iterdir():
        if process.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):  # ended since it was listed
                behind_name = (process / "stat").read_text("utf-8", "replace").rpartition(")")[2]
                if int(behind_name.split()[SESSION]) == session:
                    pages = (process / "statm").read_text("utf-8").split()[RESIDENT]
                    found += int(pages) * PAGE_BYTES
    return found
