"""The gate: nothing is published unless every blocking check is green and up to date.

The verdicts are kept in the home, so that a run with an ephemeral Dagster instance and
``ecom status`` can read them. A check is red when it failed, was never run, or was run before the
last write of what it covers. A table counts as written only after its build is noted; what is
about to be rewritten is forgotten first, so a kill leaves the gate shut.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.replace_file import replace_text

RAW = "raw"
EXAMPLE_ROWS = 5


class Write(BaseModel):
    """When a table was last written (in gate sequence), and from which generation of inputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seq: int
    generation: str


class Verdict(BaseModel):
    """The last result of a check.

    Attributes:
        name: The check's name.
        passed: Whether it was green.
        blocking: Whether a red one refuses publication.
        seq: When it was judged, in gate sequence.
        message: What is wrong and what to do.
        rows: Some of the offending rows.
        found: How many of them there are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    passed: bool
    blocking: bool = True
    seq: int = 0
    message: str = ""
    rows: tuple[dict[str, Any], ...] = ()
    found: int = 0


class Gate(BaseModel):
    """All writes and verdicts of a home."""

    model_config = ConfigDict(extra="forbid")

    seq: int = 0
    writes: dict[str, Write] = Field(default_factory=dict)
    verdicts: dict[str, Verdict] = Field(default_factory=dict)

    def about_to_write(self, names: Iterable[str]) -> None:
        """Forgets tables that are about to be rewritten."""
        for name in names:
            self.writes.pop(name, None)

    def wrote(self, name: str, generation: str) -> None:
        """Notes that a table has been written from a generation of inputs."""
        self.seq += 1
        self.writes[name] = Write(seq=self.seq, generation=generation)

    def retain(self, names: Iterable[str]) -> None:
        """Forgets the verdicts of checks that there are no more."""
        known = set(names)
        self.verdicts = {name: v for name, v in self.verdicts.items() if name in known}

    def judged(self, verdict: Verdict) -> None:
        """Notes the result of a check."""
        self.seq += 1
        self.verdicts[verdict.name] = verdict.model_copy(update={"seq": self.seq})


@dataclass(frozen=True)
class RequiredCheck:
    """A check without whose green verdict nothing is published, and what it covers."""

    name: str
    covers: tuple[str, ...]


@dataclass(frozen=True)
class Red:
    """Why the gate is shut: a check's (or table's) name, a sentence, some of the rows found."""

    name: str
    reason: str
    rows: tuple[dict[str, Any], ...] = ()
    found: int = 0


def read_gate(home: Home) -> Gate:
    """Returns the gate of a home; without one, or with an empty one, nothing is built or judged.

    Raises:
        ConfigurationError: Its file is damaged.
    """
    content = home.gate.read_bytes() if home.gate.is_file() else b""
    if not content:
        return Gate()
    try:
        return Gate.model_validate_json(content)
    except ValidationError as error:
        raise ConfigurationError(
            f"{home.gate} is damaged: remove it, then `ecom run` judges everything anew"
        ) from error


def save_gate(home: Home, gate: Gate) -> None:
    """Replaces the gate of a home atomically: what is forgotten stays so after a power cut."""
    replace_text(home.gate, gate.model_dump_json(indent=1), durable=True)


def unbuilt(gate: Gate, models: Mapping[str, tuple[str, ...]], generation: str) -> list[Red]:
    """Returns the tables that were not built from this generation after all that they read."""
    found: list[Red] = []
    for name, parents in models.items():
        write = gate.writes.get(name)
        if write is None:
            found.append(Red(name, "the table has not been built, or its build was cut short"))
        elif write.generation != generation:
            found.append(Red(name, "the table was built from older deliveries or older models"))
        elif any(gate.writes[p].seq > write.seq for p in parents if p in gate.writes):
            found.append(Red(name, "a table it reads has been built again since"))
    return found


def red_checks(gate: Gate, required: Iterable[RequiredCheck]) -> list[Red]:
    """Returns the required checks that failed, are missing, or are older than what they cover."""
    found: list[Red] = []
    for check in required:
        verdict = gate.verdicts.get(check.name)
        last_write = max((gate.writes[n].seq for n in check.covers if n in gate.writes), default=0)
        if verdict is None:
            found.append(Red(check.name, "the check was never run"))
        elif verdict.seq < last_write:
            found.append(Red(check.name, "the check is older than the tables it covers"))
        elif verdict.blocking and not verdict.passed:
            found.append(Red(check.name, verdict.message, verdict.rows, verdict.found))
    return found
