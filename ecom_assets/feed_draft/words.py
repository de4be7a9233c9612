"""What headers and states mean in the languages of ``words.yaml``."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files

import duckdb
import yaml

_OWN_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "ł": "l", "đ": "d"})
# Names that a feed's SQL finds in `lines` beside its columns.
OWN_NAMES = frozenset(
    {
        *("file_no", "source_row", "document_id", "document_at", "line_number", "is_duplicate"),
        *("overflow", "row_text", "faults", "type_faults", "document_rank"),
    }
)


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, list[str]]]:
    text = (files("ecom_assets.feed_draft") / "words.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@lru_cache(maxsize=1)
def taken_names() -> frozenset[str]:
    """Returns the names that no column can have: words of DuckDB's SQL, and our own."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select keyword_name from duckdb_keywords() "
            "where keyword_category in ('reserved', 'type_function')"
        ).fetchall()
    return OWN_NAMES | {str(word) for (word,) in rows}


def words_for_nothing() -> Sequence[str]:
    """Returns the words that stand for a missing value."""
    return [str(word) for word in _words()["nulls"]]


def meanings(headers: Sequence[str]) -> dict[str, int]:
    """Returns which column means what: its place by meaning.

    Meanings are taken in the order of ``words.yaml``, a header has one only, and of its words that
    which stands first counts.
    """
    bare = [_bare(header) for header in headers]
    found: dict[str, int] = {}
    for meaning, words in _words()["meanings"].items():
        for word in (meaning.replace("_", ""), *words):
            if word in bare and bare.index(word) not in found.values():
                found[meaning] = bare.index(word)
                break
    return found


def known_states(kind: str, values: Iterable[str]) -> dict[str, str]:
    """Returns which state of the contract each delivered one is; unknown ones are left out.

    Args:
        kind: ``order_states`` or ``payment_states``.
        values: The states as delivered.
    """
    state_of = {word: state for state, words in _words()[kind].items() for word in words}
    return {value: state_of[_bare(value)] for value in values if _bare(value) in state_of}


def column_names(headers: Sequence[str]) -> list[str]:
    """Returns a name for each header that SQL takes as it is, no two alike."""
    names: list[str] = []
    for no, header in enumerate(headers, 1):
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _plain(header))
        name = re.sub(r"\W+", "_", plain.lower()).strip("_") or f"column_{no}"
        if re.match(r"\d", name) or re.fullmatch(r"d\d+", name):
            name = f"column_{name}"
        if name in taken_names():
            name = f"{name}_delivered"
        while name in names:
            name = f"{name}_{no}"
        names.append(name)
    return names


def _plain(text: str) -> str:
    """Returns a text in ASCII letters, as far as it has them."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_OWN_LETTERS))
    return "".join(c for c in decomposed if c.isascii())


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _plain(text).lower())
