"""Dirt on request: which kinds there are, what each is called, how much of it is asked for."""

from collections.abc import Iterable

from ecom_assets.errors import ConfigurationError

ENCODING, HEADER, LATE = "encoding", "header", "late"
DUPLICATES, MISSING, MALFORMED, UNKNOWN = "duplicates", "missing", "malformed", "unknown"
SKEW, REPEATS = "skew", "repeats"
# A file or row has at most one kind of dirt: the first of these that comes its way.
FILE_KINDS = (ENCODING, HEADER, LATE)
ROW_KINDS = (DUPLICATES, MISSING, MALFORMED, UNKNOWN, SKEW, REPEATS)

# Shares of the files or of the rows; with all of it, less is rejected than feeds tolerate.
USUAL = {
    ENCODING: 0.005,
    HEADER: 0.005,
    LATE: 0.02,
    DUPLICATES: 0.01,
    MISSING: 0.005,
    MALFORMED: 0.005,
    UNKNOWN: 0.005,
    SKEW: 0.01,
    REPEATS: 0.02,
}


def dirt_rates(words: Iterable[str]) -> dict[str, float]:
    """Returns the rate of each kind that is asked for, as ``late=0.1``; ``all`` are all kinds.

    Raises:
        ConfigurationError: There is no such kind, or the rate is none.
    """
    rates: dict[str, float] = {}
    for word in words:
        kind, _, rate = word.partition("=")
        if word == "all":
            rates = USUAL | rates
        elif kind in USUAL:
            rates[kind] = _rate(word, rate) if rate else USUAL[kind]
        else:
            raise ConfigurationError(
                f"there is no dirt '{kind}': choose all, or {', '.join(USUAL)}, each with its "
                "rate or without (example: late=0.1)"
            )
    return {kind: rates[kind] for kind in USUAL if rates.get(kind)}


def _rate(word: str, rate: str) -> float:
    try:
        found = float(rate)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise ConfigurationError(f"dirt '{word}': the rate is a share from 0 to 1")
    return found
