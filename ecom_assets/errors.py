"""Errors meant for people.

Each message says what is wrong, where, and what to do. Whoever catches one shows its text and
nothing else; anything that is not an :class:`EcomError` is a defect of ours and may crash.
"""

from pydantic import ValidationError


class EcomError(Exception):
    """A fault that the user can see and mend."""


class ConfigurationError(EcomError):
    """A home, store, feed or contract is described wrongly or not at all."""


class LandingError(EcomError):
    """A delivery could not be kept."""


class LakeError(EcomError):
    """What the manifests list cannot be read."""


class SourceError(EcomError):
    """A database cannot be reached or read; the message holds nothing of its URL."""


class BusyError(EcomError):
    """Another process holds the writer lock for longer than we are willing to wait."""


class BuildError(EcomError):
    """The models could not be built."""


class QueryError(EcomError):
    """A question to the published warehouse cannot be answered."""


def explain(error: ValidationError) -> str:
    """Returns what is wrong where, in one line."""
    return "; ".join(
        ": ".join(filter(None, [".".join(map(str, fault["loc"])), _sentence(fault["msg"])]))
        for fault in error.errors()
    )


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")
