"""Where a REST API is and how one gets in, from the variables that stores.yaml names.

A URL may hold a user, a password or a key, and a token is nothing but a secret: they go into
requests to that one server and nowhere else. No message of ours holds any part of them.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from ecom_assets.errors import SourceError
from ecom_assets.settings import source_secret
from ecom_assets.stores import FeedOptions

PORTS = {"http": 80, "https": 443}
API_KEY_HEADER = "X-API-Key"
EXAMPLE = "https://api.example.com/v1"

Origin = tuple[str, str | None, int | None]


@dataclass(frozen=True, repr=False)
class Api(AuthBase):
    """An API, which signs the requests to it.

    Attributes:
        variable: The environment variable of its URL, which may be shown.
        secret_variable: That of the token or key, None where there is none.
        url: The URL without user, password and query.
        user: User and password, None where the URL has none.
        query: The parameters of the URL, which belong to every request.
        headers: What tells the API who asks.
    """

    variable: str
    secret_variable: str | None
    url: str
    user: tuple[str, str] | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Returns what may be shown."""
        return f"the API that {self.variable} names"

    @property
    def is_on_this_machine(self) -> bool:
        """Whether its host is this machine itself, which no proxy knows."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Signs a request.

        Raises:
            SourceError: It would go to another server, as the answer before told us.
        """
        parts = urlsplit(r.url or "")
        if _origin(parts) != _origin(urlsplit(self.url)):
            raise SourceError(
                f"{self!r} says that its next page is on another server, which is not asked: a "
                "token is for one server only"
            )
        held = {name for name, _ in parse_qsl(str(parts.query), keep_blank_values=True)}
        missing = {name: value for name, value in self.query.items() if name not in held}
        if missing:
            r.prepare_url(str(r.url), missing)
        if self.user:
            r = HTTPBasicAuth(*self.user)(r)
        r.headers.update(self.headers)
        return r


def api_of(options: FeedOptions) -> Api:
    """Returns the API of a feed, from the environment.

    Raises:
        SourceError: A variable is not set, or holds what it cannot.
    """
    variable, url = str(options.url_env), source_secret(str(options.url_env))
    if not url:
        raise SourceError(f"{variable} is not set: export {variable}=URL, such as {EXAMPLE}")
    parts = _split(url.strip())
    if parts is None:
        raise SourceError(f"{variable} holds no URL of an API, such as {EXAMPLE}")
    host = str(parts.netloc).rpartition("@")[2]
    user = (unquote(parts.username or ""), unquote(parts.password or ""))
    return Api(
        variable=variable,
        secret_variable=options.token_env or options.api_key_env,
        url=f"{parts.scheme}://{host}{parts.path}",
        user=user if any(user) else None,
        query=dict(parse_qsl(str(parts.query), keep_blank_values=True)),
        headers=_headers(options),
    )


def _headers(options: FeedOptions) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    if options.token_env:
        headers["Authorization"] = f"Bearer {_secret(options.token_env)}"
    if options.api_key_env:
        headers[options.api_key_header or API_KEY_HEADER] = _secret(options.api_key_env)
    return headers


def _secret(variable: str) -> str:
    value = (source_secret(variable) or "").strip()
    if not value:
        raise SourceError(f"{variable} is not set: export {variable}=TOKEN, which the API gave you")
    if not (value.isascii() and value.isprintable()):
        raise SourceError(f"{variable} holds letters that no header can: copy the token anew")
    return value


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in PORTS and parts.hostname and parts.port != 0
    except ValueError:  # its message quotes the URL
        return None
    return parts if known else None


def _origin(parts: SplitResult) -> Origin:
    try:
        return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:  # no port that can be, as an answer may say
        return parts.scheme, parts.hostname, None
