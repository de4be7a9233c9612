"""A dbt that has loaded before it is wanted.

Importing dbt takes seconds of one core. A load from the command line starts one beside its own
start, which waits for the command line that ``ecom-dbt`` is given. That process hands over its
arguments, environment, folder and output, and ends as the waiting one does.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from shutil import rmtree
from tempfile import TemporaryDirectory
from types import FrameType
from typing import BinaryIO

from ecom_assets.settings import name_waiting_dbt, own_environment, replace_environment
from ecom_assets.warehouse.project import DBT

WAIT = "--wait"
OUTPUT = (1, 2)  # standard output and standard error
BEGIN = b"begin\n"


@contextmanager
def dbt_in_waiting() -> Generator[None]:
    """Keeps a dbt waiting for the first ``ecom-dbt`` that is started inside the block.

    None waits where a socket in the folder for temporary files would have too long a path.
    """
    with TemporaryDirectory(prefix="ecom-dbt-") as folder:
        path = Path(folder) / "socket"
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.bind(str(path))
            except OSError:
                yield
                return
            door.listen(1)
            waiting = subprocess.Popen(  # noqa: S603
                [DBT, WAIT, str(door.fileno()), folder],
                stdout=subprocess.DEVNULL,  # until it has taken over another's
                stderr=subprocess.DEVNULL,  # Python warns there of locks where it is not needed
                stdin=subprocess.PIPE,  # its end tells that nobody will ask any more
                pass_fds=[door.fileno()],
                process_group=0,  # an interrupt reaches it by the one that asked
            )
        name_waiting_dbt(path)
        try:
            yield
        finally:
            name_waiting_dbt(None)
            waiting.terminate()
            waiting.communicate()


def hand_over(path: Path) -> int | None:
    """Has the waiting dbt do what this process was started for.

    Returns:
        Its exit code; None if no dbt is waiting there.
    """
    asked = {"argv": sys.argv, "environment": own_environment(), "folder": str(Path.cwd())}
    # a line for its number and one for its exit code: both may have come by the first look
    with socket.socket(socket.AF_UNIX) as line, line.makefile("rb") as answers:
        try:
            line.connect(str(path))
            socket.send_fds(line, [b"\n"], OUTPUT)
            line.sendall(json.dumps(asked).encode() + b"\n")
            process = answers.readline()
        except OSError:
            return None
        if not process:
            return None

        def forward(number: int, frame: FrameType | None) -> None:
            del frame
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(int(process), number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, forward)
        with suppress(BrokenPipeError):  # it has ended: there will be no exit code
            line.sendall(BEGIN)  # not before: an interrupt would end this process alone
        code = answers.readline()
    return int(code) if code else 1


def wait_for_work(door: int, folder: Path, work: Callable[[], None]) -> None:
    """Does `work` as the one who asks for it; nothing if the process that started this one ends.

    Args:
        door: The number of a listening socket.
        folder: Where it lies; removed as soon as nobody will look for it, since a process that is
            killed removes nothing.
        work: Ends as a program does, with ``SystemExit`` if not well.
    """
    with socket.socket(fileno=door) as listener:
        ready, _, _ = select([listener, sys.stdin], [], [])
        rmtree(folder, ignore_errors=True)
        if listener not in ready:
            return
        line, _ = listener.accept()
    with line, line.makefile("rb") as words:
        _take_over(line, words)
        line.sendall(f"{os.getpid()}\n".encode())
        if words.readline() != BEGIN:  # who asked has ended
            return
        line.sendall(f"{_exit_code(work)}\n".encode())


def _take_over(line: socket.socket, words: BinaryIO) -> None:
    """Becomes the process at the other end, but for its number."""
    _, output, _, _ = socket.recv_fds(line, 1, len(OUTPUT))
    asked = json.loads(words.readline())
    for theirs, ours in zip(output, OUTPUT, strict=True):
        os.dup2(theirs, ours)
        os.close(theirs)
    # a load that was started in the background ignores it, whoever starts dbt does not
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = asked["argv"]
    replace_environment(asked["environment"])
    os.chdir(asked["folder"])


def _exit_code(work: Callable[[], None]) -> int:
    try:
        work()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    finally:
        sys.stdout.flush()
    return 0
