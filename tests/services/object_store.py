"""A real S3 server, Versity Gateway over a temporary folder, on loopback only."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.services.database_servers import PATIENCE, free_port, until

PROGRAM = Path(__file__).resolve().parents[2] / ".servers" / "versitygw"
KEY, SECRET = "SHOPKEY", "s3cr3t/of+the shop"
BUCKET, PREFIX = "shop-exports", "daily/web"


class ObjectStore:
    """The server and its bucket."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM.is_file(), f"{PROGRAM} is missing: bash scripts/install_object_store.sh"
        self.folder = folder
        self.port = free_port()
        (folder / BUCKET).mkdir()
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Starts the server and waits until it answers."""
        access = ["--access", KEY, "--secret", SECRET, "--port", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            [PROGRAM, *access, "posix", self.folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(self.answers)
        return self.process

    def answers(self) -> bool:
        """Whether somebody listens."""
        assert self.process.poll() is None
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the server and waits for that."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)

    def url(self, secret: str = SECRET, bucket: str = BUCKET, port: int = 0) -> str:
        """Returns the URL of the bucket's files."""
        place = f"{KEY}:{quote(secret, safe='')}@{bucket}/{PREFIX}"
        return f"s3://{place}?endpoint=http://127.0.0.1:{port or self.port}&region=us-east-1"


@contextmanager
def serving_objects() -> Generator[ObjectStore]:
    """Runs the server for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="ecom-") as name:
        store = ObjectStore(Path(name))
        try:
            yield store
        finally:
            store.stop()
