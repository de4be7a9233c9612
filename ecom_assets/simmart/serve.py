"""SimMart's API as a server on this machine, for a pull over REST."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.settings import source_secret
from ecom_assets.simmart.spend_api import SpendApi

HOST = "127.0.0.1"
TOKEN_VARIABLE = "SIMMART_TOKEN"  # noqa: S105  (its name)


def spend_api(home: Home, fail_every: int) -> SpendApi:
    """Returns the API of a home's simulation, for who has the token of the environment.

    Raises:
        ConfigurationError: There is none.
    """
    return SpendApi(home, api_token(), fail_every)


def api_token() -> str:
    """Returns the token to ask for.

    Raises:
        ConfigurationError: The environment has none.
    """
    token = source_secret(TOKEN_VARIABLE)
    if not token:
        raise ConfigurationError(
            f"{TOKEN_VARIABLE} is not set: export {TOKEN_VARIABLE}=any-word, the token to ask for"
        )
    return token


@contextmanager
def listening(api: SpendApi, port: int) -> Generator[ThreadingHTTPServer]:
    """Listens, to this machine alone, and closes when the block ends; serving is the caller's.

    Args:
        api: What answers.
        port: Where; 0 takes a free one.

    Raises:
        ConfigurationError: The port is taken.
    """
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(api))
    except OSError as error:
        raise ConfigurationError(
            f"port {port} cannot be listened at ({error.strerror}): choose another with --serve"
        ) from error
    with server:
        yield server


def address(server: ThreadingHTTPServer, store: str) -> str:
    """Returns the URL of a store's API."""
    return f"http://{HOST}:{server.server_port}/{store}"


def _handler(api: SpendApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = api.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            with suppress(ConnectionError):  # whoever asked waits no longer
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Logs nothing: a URL may hold a secret."""

    return Handler
