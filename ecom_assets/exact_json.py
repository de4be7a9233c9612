"""JSON whose numbers stay as they are written: ``1.10`` is read as 1.10, never as a binary float.

A fraction or a number with an exponent is a :class:`Number`: its own text. Whole ones are ``int``.
"""

import json
from typing import Any, NoReturn

# One for all: making an encoder takes longer than using it.
_encode = json.JSONEncoder(ensure_ascii=False).encode


class Number(str):
    """The text of a JSON number that is not whole."""

    __slots__ = ()


class JsonError(ValueError):
    """A text is no JSON, or not such as we can keep; the message holds nothing of it."""


def parse(text: bytes) -> Any:
    """Returns what a JSON text says.

    Raises:
        JsonError: It is no JSON in UTF-8, has a member twice, or lies too deep to be read.
    """
    try:
        return json.loads(
            text.decode("utf-8-sig"),
            parse_float=Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_members,
        )
    except RecursionError as error:
        raise JsonError("is nested too deeply") from error
    except JsonError:
        raise
    except ValueError as error:  # also what is no UTF-8, and integers of thousands of digits
        raise JsonError("is no JSON") from error


def write(value: Any) -> str:
    """Returns a value as JSON text, its numbers as they were."""
    if type(value) in (Number, int):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{write(k)}: {write(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write, value)) + "]"
    return _encode(value)


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"holds {name}, which JSON does not know")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise JsonError("has an object with a member of the same name twice")
    return members
