"""Errors meant for people.

Each message says what is wrong, where, and what to do. Whoever catches one shows its text and
nothing else; anything that is not an :class:`EcomError` is a defect of ours and may crash.
"""

from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails


class EcomError(Exception):
    """A fault that the user can see and mend."""


class ConfigurationError(EcomError):
    """A home, store, feed or contract is described wrongly or not at all."""


class LandingError(EcomError):
    """A delivery could not be kept."""


class LakeError(EcomError):
    """What the manifests list cannot be read."""


class SourceError(EcomError):
    """A source cannot be reached or read; the message holds nothing of its URL."""


class UnreachableError(SourceError):
    """Nothing answers where a source should be."""


class BusyError(EcomError):
    """Another process holds the writer lock for longer than we are willing to wait."""


class HistoryError(EcomError):
    """What a run does cannot be noted in Dagster's history."""


class BuildError(EcomError):
    """The models could not be built."""


class QueryError(EcomError):
    """A question to the published warehouse cannot be answered."""


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """Returns what is wrong where, in one line.

    Args:
        error: What pydantic found.
        model: What it was to be; tells the keys that are known where one is not.
    """
    return "; ".join(
        ": ".join(filter(None, [".".join(map(str, fault["loc"])), _sentence(fault, model)]))
        for fault in error.errors()
    )


def _sentence(fault: ErrorDetails, model: type[BaseModel]) -> str:
    if fault["type"] != "extra_forbidden":
        return fault["msg"].removeprefix("Value error, ")
    kind: Any = model
    for part in fault["loc"][:-1]:
        kind = _inside(kind, part)
    fields: dict[str, FieldInfo] = _without_none(kind).model_fields
    return f"unknown key; known: {', '.join(f.alias or name for name, f in fields.items())}"


def _inside(kind: Any, part: str | int) -> Any:
    """Returns the type of a field of a model, or of the items of a list or a dictionary.

    Of several models, told apart by their ``type``, it is the one of that name.
    """
    kind = _without_none(kind)
    for model in get_args(kind):
        named: FieldInfo | None = getattr(model, "model_fields", {}).get("type")
        if named and part in get_args(named.annotation):
            return model
    fields: dict[str, FieldInfo] | None = getattr(kind, "model_fields", None)
    if fields is None:
        return [each for each in get_args(kind) if each is not ...][-1]
    return next(f.annotation for name, f in fields.items() if part in (name, f.alias))


def _without_none(kind: Any) -> Any:
    options = get_args(kind)
    return options[0] if type(None) in options else kind
