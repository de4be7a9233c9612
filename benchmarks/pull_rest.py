"""Times a pull over REST against asking for the same pages and parsing them, and one of no news.

Usage: ``python -m benchmarks.pull_rest [ROWS]``. The server is a process of its own, on loopback,
with a thousand rows a page.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from multiprocessing import Process, Queue
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

from requests import Session

from ecom_assets.feeds import Feed
from ecom_assets.feeds.pull import EXAMPLE_NAME
from ecom_assets.home import Home
from ecom_assets.sources.apis.api import api_of
from ecom_assets.stores import FeedOptions

VARIABLE = "BENCHMARK_API"
PER_PAGE = 1000
START = datetime(2026, 1, 1, tzinfo=UTC)
FEED = Feed.model_validate(
    {
        "feed": "things",
        "description": "Things.",
        "owner": "team:benchmark",
        "format": "parquet",
        "pattern": r".*\.parquet",
        "example": EXAMPLE_NAME,
        "delivered_on": {"from": "landed"},
        "columns": [{"name": "id", "header": "id", "required": True}],
        "pull": {
            "rest": {
                "path": "things",
                "data_selector": "data",
                "paginator": {"type": "page_number", "base_page": 1, "total_path": "pages"},
            },
            "watermark": "updated_at",
            "key": ["id"],
        },
    }
)


def main() -> None:
    """Prints the seconds of each."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    ports: Queue[int] = Queue()
    server = Process(target=_serve, args=(rows, ports), daemon=True)
    server.start()
    os.environ[VARIABLE] = f"http://127.0.0.1:{ports.get()}"
    print(f"{rows:,} rows of eight members, {PER_PAGE:,} a page")
    print(f"  importing the client: {_timed(_load_client):.2f} s")
    bare = _timed(_ask_bare)
    print(f"  asking and parsing:   {bare:.2f} s")
    with TemporaryDirectory() as folder:
        first = _timed(lambda: _pull(Path(folder), START))
        print(f"  first pull:           {first:.2f} s, {first / bare:.1f} times that")
        again = _timed(lambda: _pull(Path(folder), START + timedelta(hours=1)))
        print(f"  the same again:       {again:.2f} s")
    server.terminate()


def _timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _load_client() -> None:
    import_module("ecom_assets.sources.apis.pull_endpoint")


def _ask_bare() -> None:
    page, pages = 1, 1
    with Session() as session:
        session.trust_env = False
        while page <= pages:
            found: Any = session.get(f"{os.environ[VARIABLE]}/things?page={page}").json()
            page, pages = page + 1, found["pages"]


def _pull(home: Path, now: datetime) -> None:
    client: Any = import_module("ecom_assets.sources.apis.pull_endpoint")
    api = api_of(FeedOptions(url_env=VARIABLE))
    client.pull_endpoint(Home(home), api, ("shop", FEED), now)


def _serve(rows: int, ports: "Queue[int]") -> None:
    bodies = [_page(first, rows) for first in range(0, rows, PER_PAGE)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = int(parse_qs(urlsplit(self.path).query)["page"][0])
            self.send_response(200)
            self.send_header("Content-Length", str(len(bodies[page - 1])))
            self.end_headers()
            self.wfile.write(bodies[page - 1])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Logs nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        ports.put(server.server_port)
        server.serve_forever()


def _page(first: int, rows: int) -> bytes:
    things = [
        {
            "id": number,
            "name": f"thing {number}",
            "updated_at": (START + timedelta(seconds=number)).isoformat(),
            "price": number % 1000 * 1.25,
            "is_sold": number % 2 == 0,
            "box": {"size": number % 7, "colour": "red"},
            "note": None,
        }
        for number in range(first, min(first + PER_PAGE, rows))
    ]
    return json.dumps({"data": things, "pages": -(-rows // PER_PAGE)}).encode()


if __name__ == "__main__":
    main()
