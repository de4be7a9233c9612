"""How counts and lists are worded for people."""

from collections.abc import Sequence

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


def some_of(names: Sequence[str]) -> str:
    """Returns the first few names, and how many there are besides."""
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
