"""How far each feed's changes were last confirmed to their server: a guard, never the state.

From where a pull goes on is told by what has landed (see ``landed.py``). This note tells a slot
that somebody else has read on: another home of the same slot, or this one before it was restored
from a backup. While a pull confirms, the note says that nobody knows: one that was killed then
accuses nobody. A home without the note, as one restored from a backup is, must find the slot
exactly where what has landed ends.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from ecom_assets.home import Home
from ecom_assets.replace_file import replace_text
from ecom_assets.sources.changes.lsn import lsn_text, parse_lsn

_ALL = TypeAdapter(dict[str, str])


@dataclass(frozen=True)
class Noted:
    """That this home has read a slot, and how far; None where a pull was confirming, and died."""

    position: int | None


def last_confirmed(home: Home, slot: str) -> Noted | None:
    """Returns what is noted of a slot, None where nothing is."""
    text = _read(home).get(slot)
    return None if text is None else Noted(parse_lsn(text) if text else None)


def note_confirmed(home: Home, slot: str, position: int | None) -> None:
    """Notes, for good, what has been confirmed; None while that is about to change."""
    noted = {**_read(home), slot: "" if position is None else lsn_text(position)}
    replace_text(home.confirmed_changes, _ALL.dump_json(noted, indent=1).decode(), durable=True)


def _read(home: Home) -> dict[str, str]:
    if not home.confirmed_changes.is_file():
        return {}
    try:
        return _ALL.validate_json(home.confirmed_changes.read_bytes())
    except ValidationError:
        return {}
