"""Progress of a load, told to whoever listens (the command line; in Dagster nobody)."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A point reached: stage, what is done of how much, and what it was."""

    stage: str
    done: int
    total: int
    what: str = ""


Listener = Callable[[Step], None]

_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Generator[None]:
    """Calls `listener` with every step reported inside the block, in this process."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def report(step: Step) -> None:
    """Tells all listeners of a step."""
    for listener in _listeners:
        listener(step)
