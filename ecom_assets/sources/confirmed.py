"""How far each feed's changes were last confirmed to their server: a guard, never the state.

From where a pull goes on is told by what has landed (see ``landed.py``). This note tells a slot
that somebody else has read on: another home of the same slot, or this one before it was restored
from a backup. Without the note a pull does as well, unguarded; so it is taken away before a pull
confirms, and written when that is done.
"""

from pydantic import TypeAdapter, ValidationError

from ecom_assets.home import Home
from ecom_assets.replace_file import replace_text
from ecom_assets.sources.lsn import lsn_text, parse_lsn

_ALL = TypeAdapter(dict[str, str])


def last_confirmed(home: Home, slot: str) -> int | None:
    """Returns the position that was last confirmed for a slot, None where nobody knows."""
    text = _read(home).get(slot)
    return None if text is None else parse_lsn(text)


def note_confirmed(home: Home, slot: str, position: int | None) -> None:
    """Notes, for good, what has been confirmed; None while that is about to change."""
    noted = {name: text for name, text in _read(home).items() if name != slot}
    if position is not None:
        noted[slot] = lsn_text(position)
    replace_text(home.confirmed_changes, _ALL.dump_json(noted, indent=1).decode(), durable=True)


def _read(home: Home) -> dict[str, str]:
    if not home.confirmed_changes.is_file():
        return {}
    try:
        return _ALL.validate_json(home.confirmed_changes.read_bytes())
    except ValidationError:
        return {}
