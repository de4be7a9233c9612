"""What headers and states mean in the languages of ``words.yaml``."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import duckdb
import yaml

_OWN_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "ł": "l", "đ": "d"})
SHORTEST_IN_COMPOUNDS = 4  # "ort" is the end of too many words
# Names that a feed's SQL finds in `lines` beside its columns.
OWN_NAMES = frozenset(
    {
        *("file_no", "source_row", "document_id", "document_at", "line_number", "is_duplicate"),
        *("overflow", "row_text", "faults", "type_faults", "document_rank"),
    }
)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
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


def meanings(headers: Sequence[str], excluded: Collection[int] = ()) -> dict[str, int]:
    """Returns which column means what: its place by meaning.

    Meanings are taken in the order of ``words.yaml``, a header has one only, and of its words that
    which stands first counts. What is no word itself may be a compound of one, as Treuerabatt is.

    Args:
        headers: The headers.
        excluded: Places of columns that mean nothing.
    """
    # no meaning is a rate
    bare = [
        "" if "%" in header or at in excluded else _bare(header)
        for at, header in enumerate(headers)
    ]
    found: dict[str, int] = {}
    for meaning, words in _words()["meanings"].items():
        own = meaning.replace("_", "")
        for word in words if own in words else (own, *words):
            if word in bare and bare.index(word) not in found.values():
                found[meaning] = bare.index(word)
                break
    for meaning in _words()["compounds"]:
        free = (at for at, word in enumerate(bare) if word and at not in found.values())
        at = next((at for at in free if _is_compound(headers[at], meaning)), None)
        if meaning not in found and at is not None:
            found[meaning] = at
    return _with_order_discount(bare, found)


def compound_meanings(headers: Sequence[str], place: Mapping[str, int]) -> set[str]:
    """Returns the meanings whose headers are compounds of a word, and no word themselves."""
    words = {word for words in _words()["meanings"].values() for word in words}
    return {
        meaning
        for meaning, at in place.items()
        if meaning in _words()["compounds"] and _bare(headers[at]) not in words
    }


def is_discount_rate(header: str) -> bool:
    """Whether a header is that of a discount in percent."""
    lowered, bare = header.lower(), _bare(header)
    words = (*_long_words("discount_amount"), *_long_words("order_discount_amount"))
    return any(word in bare for word in words) and any(
        rate in lowered or rate in bare for rate in _words()["rates"]
    )


def _is_compound(header: str, meaning: str) -> bool:
    """Whether a header ends in a word of a meaning, or has one for its first word."""
    told, bare = _words()["compounds"][meaning], _bare(header)
    words = _long_words(told.get("of", meaning))
    first = _bare(re.split(r"[^\w]|_", header.strip(), maxsplit=1)[0])
    return (
        (first in words or bare.endswith(words))
        and (not told.get("with") or any(word in bare for word in told["with"]))
        and not any(word in bare for word in told.get("not", ()))
        and "%" not in header
    )


def _long_words(meaning: str) -> tuple[str, ...]:
    words = _words()["meanings"][meaning]
    return tuple(word for word in words if len(word) >= SHORTEST_IN_COMPOUNDS)


def _with_order_discount(bare: Sequence[str], found: dict[str, int]) -> dict[str, int]:
    """Takes a plain discount beside one of lines for that of the order, as Shopify has both."""
    at = found.get("discount_amount")
    if at is None or "order_discount_amount" in found or not _is_of_lines(bare[at]):
        return found
    plain = next(
        (
            other
            for other, word in enumerate(bare)
            if other not in found.values() and word in _words()["meanings"]["discount_amount"]
        ),
        None,
    )
    return found if plain is None else {**found, "order_discount_amount": plain}


def _is_of_lines(bare: str) -> bool:
    return any(word in bare for word in ("line", "item", "position", "zeile", "artikel", "regel"))


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
