"""A real HTTP server over a list of things, which pages in every way and fails as a test says."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ecom_assets.exact_json import write

TOKEN = "s3cr3t-t0ken"  # noqa: S105
TOTAL = "total"


def thing(number: int, at: str | None = "2026-01-01T10:00:00Z", **more: Any) -> dict[str, Any]:
    """Returns a thing as the API tells it."""
    return {"id": number, "updated_at": at, **more}


@dataclass(frozen=True)
class Reply:
    """What is answered instead of a page."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    cut: bool = False  # whether the connection ends in the middle
    after: float = 0  # seconds


class ThingsApi:
    """Things at ``/numbered``, ``/offset``, ``/cursor``, ``/links``, ``/json-links``, ``/header``.

    Attributes:
        rows: The things, each as the API tells it.
        replies: What is answered to the next requests, each once; None for the page.
        asked: Path and parameters of every request so far.
        per_page: Things of a page.
    """

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.replies: list[Reply | None] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.per_page = 2
        self.port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it is, with a key that belongs to every request."""
        return f"http://127.0.0.1:{self.port}/v1?tenant=s3cr3t-tenant"

    def start(self) -> None:
        """Listens, at the same port as before if there was one."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Is gone."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def page(self, kind: str, asked: dict[str, str]) -> tuple[dict[str, str], Any]:
        """Returns headers and content of a page."""
        since = asked.get("updated_since", "")
        held = [r for r in self.rows if not since or str(r.get("updated_at", "~")) >= since]
        at = int(asked.get("offset", 0)) + int(asked.get("cursor", 0))
        at += (int(asked.get("page", 1)) - 1) * self.per_page
        shown, end = held[at : at + self.per_page], at + self.per_page
        following = end if end < len(held) else None
        link = f"http://127.0.0.1:{self.port}/v1/{kind}?cursor={end}&updated_since={since}"
        pages = -(-len(held) // self.per_page)
        bodies: dict[str, tuple[dict[str, str], Any]] = {
            "numbered": ({}, {"data": shown, "pages": pages}),
            "campaign-spend": ({}, {"data": shown, "pages": pages}),
            "offset": ({}, {"data": shown, TOTAL: len(held)}),
            "cursor": ({}, {"data": shown, "cursors": {"next": following}}),
            "links": ({"Link": f'<{link}>; rel="next"'} if following else {}, shown),
            "json-links": ({}, {"data": shown, "next": link if following else None}),
            "header": ({"X-Next": str(following)} if following else {}, {"data": shown}),
            "whole": ({}, held),
        }
        return bodies[kind]

    def answer(self, target: str, signature: str | None) -> Reply:
        """Returns what is answered to a request."""
        parts = urlsplit(target)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, asked))
        reply = self.replies.pop(0) if self.replies else None
        if reply:
            return reply
        if signature != f"Bearer {TOKEN}" or asked.get("tenant") != "s3cr3t-tenant":
            return Reply(401, body=b'{"error": "who are you"}')
        kind = parts.path.removeprefix("/v1/")
        try:
            headers, content = self.page(kind, asked)
        except KeyError:
            return Reply(404)
        return Reply(200, headers, write(content).encode())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                reply = api.answer(self.path, self.headers.get("Authorization"))
                time.sleep(reply.after)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                shown = reply.body[: len(reply.body) // 2] if reply.cut else reply.body
                with suppress(ConnectionError):  # of who waits no longer
                    self.wfile.write(shown)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler


@contextmanager
def serving_things() -> Generator[ThingsApi]:
    """Serves things until the block ends."""
    api = ThingsApi()
    api.start()
    try:
        yield api
    finally:
        api.stop()
