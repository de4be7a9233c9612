"""How counts and lists are worded for people."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

NAMED = 3  # of a list; whoever wants all of them finds them where they lie
IRREGULAR = {"delivery": "deliveries"}


def counted(number: int, noun: str) -> str:
    """Returns a number with its noun: ``1 file``, ``2 files``, ``1,000 files``.

    Args:
        number: How many.
        noun: In the singular; the last of several words is the one that changes.
    """
    *before, last = noun.split(" ")
    plural = IRREGULAR.get(last, f"{last}s")
    return " ".join((f"{number:,}", *before, last if number == 1 else plural))


def with_our_advice(message: str) -> str:
    """Returns DuckDB's message with what helps here, instead of the statements that it advises."""
    told, advice, _ = message.partition("Possible solutions:")
    if not advice:
        return message
    return f"{told.rstrip()}. Set ECOM_MEMORY_LIMIT to more than that, or ECOM_THREADS to less"


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Returns a question about the names that are like an unknown one; nothing if none is."""
    near = get_close_matches(name, [*names], n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def some_of(names: Sequence[str]) -> str:
    """Returns the first few names, and how many there are besides."""
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
