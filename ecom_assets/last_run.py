"""How the last run of a home ended, whoever started it: kept in the home for ``ecom status``.

A run notes itself when it takes the writer lock and again when it gives it back; one that is
neither done nor holds the lock was killed.
"""

import re
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ecom_assets.errors import EcomError
from ecom_assets.home import Home
from ecom_assets.lock import describe_writer
from ecom_assets.replace_file import replace_text
from ecom_assets.wording import with_our_advice

INTERRUPTED = "the load was interrupted; readers keep what they have. Run again to go on."
RED = "a blocking check of the deliveries is red: no table was built from them"
UNKNOWN = "unknown: what is noted of it is damaged; the next run replaces that"
SHOWN_CHARACTERS = 300


class LastRun(BaseModel):
    """The run that last held the writer lock.

    Attributes:
        run_id: Its id in Dagster.
        began_at: When it took the lock, UTC.
        ended_at: When it gave it back, UTC; None while it runs, or where it was killed.
        error: Why it failed, None if it did not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    run_id: str
    began_at: datetime
    ended_at: datetime | None = None
    error: str | None = None


def read_last_run(home: Home) -> LastRun | None:
    """Returns the home's last run, None where there was none or its note cannot be read."""
    try:
        return LastRun.model_validate_json(home.last_run.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def note_begin(home: Home, run_id: str) -> LastRun:
    """Notes that a run has begun; the caller holds the writer lock."""
    return _save(home, LastRun(run_id=run_id, began_at=datetime.now(UTC)))


def note_end(home: Home, run: LastRun, error: str | None) -> None:
    """Notes how that run ended; the caller still holds the writer lock."""
    _save(home, run.model_copy(update={"ended_at": datetime.now(UTC), "error": error}))


def describe_last_run(home: Home) -> str | None:
    """Returns how the last run ended, None where there was none or it goes on."""
    run = read_last_run(home)
    if run is None:
        return UNKNOWN if home.last_run.is_file() else None
    name = f"{run.began_at:%Y-%m-%d %H:%M:%S} UTC (run {run.run_id[:8]})"
    if run.error:
        return f"failed, begun {name}: {_first_sentence(run.error)}"
    if run.ended_at:
        return f"succeeded, begun {name}"
    if describe_writer(home):
        return None
    return f"killed, begun {name}: run again to go on"


def innermost(error: Any) -> str:
    """Returns an error of Dagster's as a sentence, without the names of classes.

    The sentence of an error of ours says more than that of its cause.
    """
    if error.cls_name == "DagsterExecutionInterruptedError":
        return INTERRUPTED
    if error.cls_name == "DagsterAssetCheckFailedError":
        return RED
    is_ours = error.cls_name in {kind.__name__ for kind in EcomError.__subclasses__()}
    if error.cause is not None and not is_ours:
        return innermost(error.cause)
    return with_our_advice(re.sub(r"^[\w.]+: ", "", error.message.strip()))


def _first_sentence(text: str) -> str:
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z])|\n", text.strip(), maxsplit=1)[0]
    is_long = len(sentence) > SHOWN_CHARACTERS
    return f"{sentence[:SHOWN_CHARACTERS]}..." if is_long else sentence


def _save(home: Home, run: LastRun) -> LastRun:
    replace_text(home.last_run, run.model_dump_json(indent=1))
    return run
