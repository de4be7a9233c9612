"""The API of things in a process of its own, which hangs at one request until it is killed."""

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.things_api import Reply, ThingsApi

HANGS_SECONDS = 600
ROOT = Path(__file__).parents[2]


class HangingApi(ThingsApi):
    """Five things, and a request that is never answered."""

    def __init__(self, hangs_at: int) -> None:
        super().__init__()
        self.hangs_at = hangs_at
        self.rows = [{"id": n, "updated_at": "2026-01-01T10:00:00Z"} for n in range(1, 6)]

    def answer(self, target: str, signature: str | None) -> Reply:
        """Returns what is answered to a request, or does not."""
        if len(self.asked) == self.hangs_at:
            sys.stdout.write("hangs\n")
            sys.stdout.flush()
            time.sleep(HANGS_SECONDS)
        return super().answer(target, signature)


@contextmanager
def hanging_api(hangs_at: int, port: int) -> Generator[tuple[subprocess.Popen[str], int]]:
    """Starts such an API and kills it when the block ends.

    Args:
        hangs_at: After so many answers; -1 for never.
        port: Where; 0 takes a free one.
    """
    command = [sys.executable, "-m", "tests.services.hanging_api", str(hangs_at), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def main() -> None:
    """Serves until it is killed; its first line tells the port."""
    api = HangingApi(int(sys.argv[1]))
    api.port = int(sys.argv[2])
    api.start()
    sys.stdout.write(f"{api.port}\n")
    sys.stdout.flush()
    time.sleep(HANGS_SECONDS)


if __name__ == "__main__":
    main()
