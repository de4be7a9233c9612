"""Running the commands of a page of the documentation, as a reader types them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VARIES = (
    (r"\d{8}T\d{6}-[0-9a-f]{8}", "VERSION"),
    (r"^Time: .*$", "TIME"),
    (r"^  \w.* \u2501+ +\d+/\d+ +\d:\d\d:\d\d\n", ""),  # progress, which a screen overwrites
)


@dataclass(frozen=True)
class Commands:
    """Commands of a page, and what it says they print; None where it shows nothing."""

    text: str
    output: str | None


def commands_of(page: str) -> Iterator[Commands]:
    """Yields the commands of a page in their order, each with the output shown below them."""
    blocks = [(kind, text) for kind, text in _BLOCK.findall(page)]
    for (kind, text), (following, output) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "bash":
            yield Commands(text, output if following == "text" else None)


def run(commands: str, folder: Path, environment: dict[str, str]) -> str:
    """Runs commands in a folder; returns what they print, errors too, without progress."""
    done = subprocess.run(
        ["bash", "-c", commands],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout + "".join(line for line in done.stderr.splitlines(True) if "error" in line)


def environment_of(folder: Path, home: str) -> dict[str, str]:
    """Returns the environment of a reader who works in a folder, with a home in it."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "ECOM_HOME": str(folder / home)}


def shown(output: str, folder: Path) -> str:
    """Returns an output as a page shows it, whatever differs from run to run made equal."""
    text = output.replace(str(folder), "/shop")
    for pattern, word in _VARIES:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
