"""Real PostgreSQL and MariaDB servers of the distribution, each in a temporary folder of its own.

They listen on loopback only, are started as somebody else than root where the server wants that,
and stopped by their own process.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0
POLL = 0.1
UTF8 = "--default-character-set=utf8mb4"
PASSWORD = "s3cr3t+of/the shop"  # noqa: S105  (of a server that lives as long as a test)
QUOTED = "s3cr3t%2Bof%2Fthe%20shop"
MISSING = "{} is not installed: bash scripts/install_databases.sh"


class Server:
    """A database server, and the client of its own kind.

    Attributes:
        url: The URL of its database ``shop``, with a password.
        moment: Its type of times.
    """

    url: str
    moment: str

    def __init__(self, folder: Path, command: Sequence[str | Path], user: str | None) -> None:
        self.folder = folder
        self.command = command
        self.user = user
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Starts the server and waits until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                user=self.user,
                cwd=self.folder,
                start_new_session=True,
            )
        until(self.answers, lambda: (self.folder / "log").read_text(errors="replace")[-2000:])
        return self.process

    def answers(self) -> bool:
        """Whether the server takes a query."""
        assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")
        return self.ask("select 1", check=False) == "1"

    def ask(self, *statements: str, database: str = "", check: bool = True) -> str:
        """Executes statements in the server's own client; returns what it prints."""
        raise NotImplementedError

    def run(self, *statements: str) -> None:
        """Executes statements in the database of the shop."""
        self.ask(*statements, database="shop")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the server and waits for that."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)


class Postgres(Server):
    """PostgreSQL with a user ``clerk`` who needs the password and may only read."""

    moment = "timestamp"
    SETTINGS: tuple[str, ...] = ()
    KILL = signal.SIGQUIT  # it goes at once, as after a power cut, and its children with it

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        user = "postgres" if os.geteuid() == 0 else None
        bin_folder = _postgres_programs()
        if user:
            shutil.chown(folder, user)
        initialise = [bin_folder / "initdb", "-D", folder / "data", "-U", "root", "-A", "trust"]
        _quietly([*initialise, "--no-sync", "-E", "UTF8"], user, folder)
        (folder / "data" / "pg_hba.conf").write_text(
            "local all root trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        asked = ("listen_addresses=127.0.0.1", "fsync=off", "DateStyle=German", *self.SETTINGS)
        settings = [word for setting in asked for word in ("-c", setting)]
        super().__init__(
            folder,
            [
                bin_folder / "postgres",
                "-D",
                folder / "data",
                "-k",
                folder,
                "-p",
                str(self.port),
                *settings,
            ],
            user,
        )
        self.ask(f"create user clerk password '{PASSWORD}'", "create database shop")
        self.run("alter default privileges in schema public grant select on tables to clerk")
        self.url = f"postgresql://clerk:{QUOTED}@127.0.0.1:{self.port}/shop"

    def ask(self, *statements: str, database: str = "postgres", check: bool = True) -> str:
        """Executes statements through psql."""
        place = [
            "-h",
            self.folder,
            "-p",
            str(self.port),
            "-U",
            "root",
            "-d",
            database or "postgres",
        ]
        flags = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        orders = [part for statement in statements for part in ("-c", statement)]
        return _quietly(["psql", *place, *flags, *orders], None, self.folder, check=check)


class LogicalPostgres(Postgres):
    """PostgreSQL that keeps changes to read, and lets ``clerk`` do that."""

    SETTINGS = ("wal_level=logical", "max_slot_wal_keep_size=64MB", "min_wal_size=32MB")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ask("alter user clerk replication")


class MariaDb(Server):
    """MariaDB with a user ``clerk`` who needs the password and may only read."""

    moment = "datetime"
    KILL = signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.socket = folder / "socket"
        user = pwd.getpwuid(os.geteuid()).pw_name
        data = folder / "data"
        install = _program("mariadb-install-db")
        _quietly(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                f"--user={user}",
                "--skip-test-db",
                "--auth-root-authentication-method=normal",
            ],
            None,
            folder,
        )
        super().__init__(
            folder,
            [
                _program("mariadbd"),
                "--no-defaults",
                f"--datadir={data}",
                f"--user={user}",
                f"--socket={self.socket}",
                f"--port={self.port}",
                "--bind-address=127.0.0.1",
                "--default-time-zone=+05:00",
                "--sql-mode=",
                "--innodb-flush-log-at-trx-commit=2",
            ],
            None,
        )
        self.ask(
            "create database shop character set utf8mb4",
            f"create user clerk@'127.0.0.1' identified by '{PASSWORD}'",
            "grant select on shop.* to clerk@'127.0.0.1'",
        )
        self.url = f"mysql://clerk:{QUOTED}@127.0.0.1:{self.port}/shop"

    def ask(self, *statements: str, database: str = "", check: bool = True) -> str:
        """Executes statements through the client ``mariadb``."""
        place = ["--no-defaults", "-S", self.socket, "-u", "root", "-N", "-B", UTF8]
        command = [_program("mariadb"), *place, "-e", "; ".join(statements)]
        return _quietly(
            [*command, database] if database else command, None, self.folder, check=check
        )


@contextmanager
def serving(kind: Callable[[Path], Server]) -> Generator[Server]:
    """Runs a server for the length of the block; its folder may be entered by another user."""
    with tempfile.TemporaryDirectory(prefix="ecom-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = kind(folder)
        try:
            yield server
        finally:
            server.stop()


def until(probe: Callable[[], bool], last_words: Callable[[], str] = lambda: "") -> None:
    """Waits until something is so; fails when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not probe():
        assert time.monotonic() < deadline, f"waited in vain; {last_words()}"
        time.sleep(POLL)


def free_port() -> int:
    """Returns a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _quietly(
    command: Sequence[str | Path], user: str | None, folder: Path, *, check: bool = True
) -> str:
    done = subprocess.run(
        command,
        user=user,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert not check or done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found, MISSING.format(name)
    return found


def _postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: p.parts[4])
    assert found, MISSING.format("PostgreSQL")
    return found[-1].parent
