"""Importing what is large without looking for garbage again and again, or not at all.

Modules and classes live as long as the process; going through them takes a quarter of the import of
Dagster, and its share of every collection afterwards.
"""

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def heavy_imports() -> Generator[None]:
    """Collects no garbage inside the block, and never looks again at what was made in it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_rarely() -> None:
    """Has the process look for garbage after a hundred times as many new objects as by default.

    A load makes many that it keeps, of every file that was ever delivered, and few in circles.
    """
    gc.set_threshold(70_000, 10, 10)


@contextmanager
def without_import(module: str) -> Generator[None]:
    """Has no code inside the block import a module that is installed and not loaded yet.

    DuckDB imports pandas at its first bound value, where there is one, to tell its missing values
    from ours: 0.7 seconds in each process that has none.
    """
    is_loaded = module in sys.modules
    if not is_loaded:
        sys.modules[module] = None  # pyright: ignore[reportArgumentType]  (Python's own way)
    try:
        yield
    finally:
        if not is_loaded:
            del sys.modules[module]
