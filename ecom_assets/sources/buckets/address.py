"""The address of a bucket, from its URL, no part of which is ever shown.

``s3://KEY:SECRET@bucket/prefix?endpoint=https://host&region=eu-west-1``. Without a key in it, key,
region and endpoint are those of the environment (``AWS_ACCESS_KEY_ID`` and so on).
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

from obstore.store import S3Store

from ecom_assets.errors import SourceError

SCHEME = "s3://"
EXAMPLE = "s3://KEY:SECRET@bucket/prefix?endpoint=https://host&region=eu-west-1"
OPTIONS = {"endpoint", "region"}
PATIENCE = timedelta(seconds=10)  # to connect
RETRIES, RETRIED_FOR = 3, timedelta(seconds=20)


@dataclass(frozen=True, repr=False)
class Bucket:
    """Where files lie in an object store, and how one gets in.

    Attributes:
        variable: The environment variable it came from, which may be shown.
        name: The bucket.
        prefix: What the keys of the files begin with, without slashes at its ends.
        key: Access key and secret, none for those of the environment.
        options: Endpoint and region, where they are said.
    """

    variable: str
    name: str
    prefix: str
    key: tuple[str, str] | None
    options: dict[str, str]

    def __repr__(self) -> str:
        """Returns what may be shown."""
        return f"the bucket that {self.variable} names"

    def store(self) -> S3Store:
        """Returns what lists and reads its objects; nothing is asked yet."""
        said = dict(self.options)
        if self.key:
            said |= {"access_key_id": self.key[0], "secret_access_key": self.key[1]}
        is_plain = self.options.get("endpoint", "").startswith("http://")
        return S3Store(
            self.name,
            prefix=self.prefix or None,
            config=said,  # type: ignore[arg-type]
            client_options={"allow_http": is_plain, "connect_timeout": PATIENCE},
            retry_config={"max_retries": RETRIES, "retry_timeout": RETRIED_FOR},
        )


def parse_bucket(variable: str, url: str | None) -> Bucket:
    """Takes a URL apart.

    Args:
        variable: The environment variable, for messages.
        url: What it holds.

    Raises:
        SourceError: It holds nothing, or no URL of a bucket.
    """
    if not url:
        raise SourceError(f"{variable} is not set: export {variable}=URL, such as {EXAMPLE}")
    bucket = _parse(variable, url)
    if bucket is None:
        raise SourceError(
            f"{variable} holds no URL of a bucket, such as {EXAMPLE} (a slash in the secret is "
            "written %2F): a feed without `pull` in its feed.yaml comes in files"
        )
    return bucket


def _parse(variable: str, url: str) -> Bucket | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # its message quotes the URL
        return None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    prefix = unquote(parts.path).strip("/")
    is_whole = (
        url.startswith(SCHEME)
        and host
        and bool(parts.username) == bool(parts.password)
        and not options.keys() - OPTIONS
        and all(options.values())
        and _is_server(options.get("endpoint", "https://host"))
        and not {"", ".", ".."} & set(prefix.split("/") if prefix else ())
    )
    if not is_whole:
        return None
    key = (unquote(str(parts.username)), unquote(str(parts.password))) if parts.username else None
    return Bucket(variable, str(host), prefix, key, options)


def _is_server(url: str) -> bool:
    """Whether a URL names a server; obstore panics over some that do not."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no port
        return False
