"""Importing what is large without looking for garbage again and again.

Modules and classes live as long as the process; going through them takes a quarter of the import of
Dagster, and its share of every collection afterwards.
"""

import gc
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
