"""From a sample to the files of a feed: ``feed.yaml`` and the SQL of the datasets it fills."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecom_assets.contracts import load_contracts
from ecom_assets.errors import ConfigurationError
from ecom_assets.feed_draft.findings import columns_of, look
from ecom_assets.feed_draft.kinds import datasets_of
from ecom_assets.feed_draft.names import naming_of
from ecom_assets.feed_draft.sample import opened_sample
from ecom_assets.feed_draft.texts import (
    KIND_WORDS,
    dataset_sql,
    feed_yaml,
    missing_columns,
    used_meanings,
)
from ecom_assets.feed_draft.unused import unused_told
from ecom_assets.feeds.folder import FEED_FILE
from ecom_assets.feeds.registry import feed_names
from ecom_assets.home import Home
from ecom_assets.stores import IDENTIFIER


@dataclass(frozen=True)
class Draft:
    """The files of a feed, not written yet.

    Attributes:
        files: Text by file name.
        kind: What the sample was taken for.
        pattern: Regular expression of the names of the feed's files.
        recognised: The header that was taken for each meaning.
        unrecognised: The headers that were taken for nothing.
        missing: Columns that a dataset requires and the sample seems not to have, by dataset.
        remarks: What the sample leaves open, and was taken one way.
        unused: A line about columns that no SQL uses though they look like something of use.
    """

    files: Mapping[str, str]
    kind: str
    pattern: str
    recognised: Mapping[str, str]
    unrecognised: Sequence[str]
    missing: Mapping[str, Sequence[str]]
    remarks: Sequence[str] = ()
    unused: str | None = None


def draft_feed(home: Home, name: str, path: Path) -> Draft:
    """Drafts a feed from a sample.

    Raises:
        ConfigurationError: The home is not there, the name will not do, or nothing can be made of
            the file.
    """
    if not home.root.is_dir():
        raise ConfigurationError(
            f"{home.root} is no folder. Make a home first, or an empty folder that `ecom init` "
            f"makes one of later: mkdir {shlex.quote(str(home.root))}"
        )
    if not re.match(IDENTIFIER, name):
        raise ConfigurationError(
            f"feed name '{name}' must be lower-case letters, digits and underscores"
        )
    if name in feed_names(home):
        raise ConfigurationError(f"there is a feed '{name}' already: choose another name")
    with opened_sample(home, name, path) as (sample, connection):
        found = look(sample, connection)
        columns = columns_of(found, connection)
        datasets = datasets_of(found.kind, columns)
        headers = [column.header for column in sample.feed.columns]
        used = used_meanings(found, columns)
        recognised = {
            meaning: headers[at] for meaning, at in found.place.items() if meaning in used
        }
        left = {
            at: header for at, header in enumerate(headers) if header not in recognised.values()
        }
        unused = unused_told(connection, left, found.mark)
    contracts = {c.name: c for c in load_contracts().values()}
    files = {FEED_FILE: feed_yaml(found, columns)}
    files |= {f"{name}.sql": dataset_sql(contracts[name], rows) for name, rows in datasets.items()}
    missing = {
        name: [column.name for column in missing_columns(contracts[name], rows)]
        for name, rows in datasets.items()
    }
    return Draft(
        files,
        KIND_WORDS[found.kind],
        naming_of(sample.name).pattern,
        recognised,
        [*left.values()],
        {name: columns for name, columns in missing.items() if columns},
        found.remarks,
        unused,
    )


def write_draft(home: Home, name: str, draft: Draft) -> Path:
    """Writes a draft into a home and returns its folder.

    Raises:
        ConfigurationError: There is a folder of this name; nothing is ever overwritten.
    """
    folder = home.feeds / name
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise ConfigurationError(
            f"{folder} is there already, and is left as it is: choose another name"
        ) from error
    for file, text in draft.files.items():
        (folder / file).write_text(text, "utf-8")
    return folder
