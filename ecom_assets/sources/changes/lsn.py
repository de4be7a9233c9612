"""Positions in the log of a Postgres server (LSN): numbers, and texts in the order of the log."""

HALF = 32


def lsn_text(position: int) -> str:
    """Returns a position as Postgres reads it, with all its zeros: ``00000001/0A3B0C00``."""
    return f"{position >> HALF:08X}/{position & 0xFFFFFFFF:08X}"


def parse_lsn(text: str) -> int:
    """Returns the position that a text names, such as ``1/A3B0C00``."""
    high, _, low = text.partition("/")
    return (int(high, 16) << HALF) + int(low, 16)
