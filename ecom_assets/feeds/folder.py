"""Reading the folder of a feed: ``feed.yaml``, the SQL of its datasets, its seeds."""

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable

import yaml
from pydantic import ValidationError

from ecom_assets.contracts import load_contracts
from ecom_assets.errors import ConfigurationError, explain
from ecom_assets.feeds.model import Feed

FEED_FILE = "feed.yaml"
# Tables of the connection in which a load reads and judges; a seed must not replace one.
SCRATCH_TABLES = frozenset(
    {
        *("broken", "cast_lines", "clock", "delivered", "files", "lines", "numbered", "objects"),
        *("refused", "rejected", "rejected_records", "requoted", "scanned", "scanned_files"),
        *("typed", "unread"),
    }
)
Content = tuple[tuple[str, bytes], ...]


def read_feed(folder: Traversable) -> Feed:
    """Reads a feed, anew only where one of its files says something else than the last time.

    Raises:
        ConfigurationError: A file of it is wrong.
    """
    content = tuple(
        (item.name, item.read_bytes())
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.is_file() and (item.name == FEED_FILE or item.name.endswith((".sql", ".csv")))
    )
    return _parse(folder.name, content)


@lru_cache(maxsize=256)
def _parse(name: str, content: Content) -> Feed:
    texts = {file: _text(name, file, data) for file, data in content}
    place = f"feeds/{name}/{FEED_FILE}"
    try:
        told = yaml.safe_load(texts[FEED_FILE])
        if not isinstance(told, dict):
            raise ConfigurationError(f"{place} is empty or no list of `key: value`")
        feed = Feed.model_validate(told | {"sql": _sql(texts), "seeds": _seeds(name, texts)})
    except ValidationError as error:
        raise ConfigurationError(f"{place}: {explain(error, Feed)}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{place}: {error}") from error
    if feed.feed != name:
        raise ConfigurationError(f"{place}: `feed: {feed.feed}` must be its folder's name")
    for dataset in feed.sql.keys() - load_contracts().keys():
        known = ", ".join(contract.name for contract in load_contracts().values())
        raise ConfigurationError(
            f"feeds/{name}/{dataset.removeprefix('raw_')}.sql fills no dataset: name it "
            f"after one of {known}"
        )
    return feed


def _text(name: str, file: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"feeds/{name}/{file} is no UTF-8 text (line {line}): save it as UTF-8"
        ) from error


def _sql(texts: Mapping[str, str]) -> dict[str, str]:
    return {
        f"raw_{file.removesuffix('.sql')}": text
        for file, text in texts.items()
        if file.endswith(".sql")
    }


def _seeds(name: str, texts: Mapping[str, str]) -> dict[str, tuple[dict[str, str], ...]]:
    seeds: dict[str, tuple[dict[str, str], ...]] = {}
    for file, text in texts.items():
        if file.endswith(".csv"):
            if file.removesuffix(".csv") in {*SCRATCH_TABLES, *load_contracts()}:
                raise ConfigurationError(
                    f"feeds/{name}/{file}: a load has a table of this name; name the seed otherwise"
                )
            rows = tuple(csv.DictReader(text.splitlines()))
            if not rows or any(None in (*row, *row.values()) for row in rows):
                raise ConfigurationError(
                    f"feeds/{name}/{file} is no seed: a header and rows of as many values, "
                    "separated by commas. Samples of deliveries belong into sample/ beside it."
                )
            seeds[file.removesuffix(".csv")] = rows
    return seeds
