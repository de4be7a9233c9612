"""The address of a database, from its URL; and how a message is rid of it.

A URL holds a password. It goes to DuckDB as a secret of one connection and nowhere else: neither a
message nor a representation of an :class:`Address` shows any part of it.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from ecom_assets.errors import SourceError

Kind = Literal["sqlite", "postgres", "mysql"]

KINDS: dict[str, Kind] = {
    "sqlite": "sqlite",
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
EXAMPLES = "sqlite:////srv/shop.db, postgresql://user:password@host/db, mysql://user:password@host"
HIDDEN = "***"


@dataclass(frozen=True, repr=False)
class Address:
    """Where a database is and how one gets in.

    Attributes:
        kind: What kind of database it is.
        variable: The environment variable it came from, which may be shown.
        url: The whole URL, which may not.
        place: Host, port, user, password and database, by the names of DuckDB's secrets; of a
            SQLite file its path.
        options: Whatever else the connection is told, such as ``sslmode``.
    """

    kind: Kind
    variable: str
    url: str
    place: dict[str, str]
    options: dict[str, str]

    def __repr__(self) -> str:
        """Returns what may be shown."""
        return f"the database that {self.variable} names"

    @property
    def fingerprint(self) -> str:
        """A hash that tells one database from another: of its kind, host, port and name."""
        told = (self.kind, *(self.place.get(n, "") for n in ("host", "port", "database", "path")))
        return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]

    def scrub(self, text: str) -> str:
        """Returns a text without any part of the URL."""
        told = {self.url, *self.place.values(), *self.options.values()}
        told |= set(re.split(r"[/:@?&=]+", self.url)) - set(KINDS)
        for secret in sorted(filter(None, told), key=len, reverse=True):
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", HIDDEN, text)
        return text


def parse_address(variable: str, url: str | None) -> Address:
    """Takes a URL apart.

    Args:
        variable: The environment variable, for messages.
        url: What it holds.

    Raises:
        SourceError: It holds nothing, or no URL of a database that can be read.
    """
    if not url:
        raise SourceError(f"{variable} is not set: export {variable}=URL, such as {EXAMPLES}")
    address = _parse(variable, url)
    if address is None:
        raise SourceError(f"{variable} holds no URL of a database, such as {EXAMPLES}")
    return address


def _parse(variable: str, url: str) -> Address | None:
    kind = KINDS.get(url.partition("://")[0].partition("+")[0].lower())
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its message quotes the URL
        return None
    if kind is None:
        return None
    if kind == "sqlite":
        path = unquote(parts.path.removeprefix("/"))
        is_file = path and not parts.netloc
        return Address(kind, variable, url, {"path": str(Path(path))}, {}) if is_file else None
    place = {
        "host": unquote(parts.hostname or ""),
        "port": str(port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.removeprefix("/")),
    }
    options = dict(parse_qsl(parts.query))
    place |= {name: options.pop(name) for name in ("host", "socket") if name in options}
    return Address(kind, variable, url, {k: v for k, v in place.items() if v}, options)
