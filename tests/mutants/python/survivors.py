"""What of mutmut's mutants no test notices: ``python -m tests.mutants.python.survivors``.

Reads what ``mutmut run`` has left in ``mutants/``. Fails where a mutant has not been tried, one
survives that ``explained.yml`` does not explain, or one is explained that does not survive.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

RESULTS = Path("mutants")
EXPLAINED = Path(__file__).parent / "explained.yml"
NOTICED = ("killed", "timeout", "segfault")


@dataclass(frozen=True)
class Change:
    """What a mutant is: the lines that it replaces, without indentation, joined by blanks."""

    module: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Tried:
    """A mutant by mutmut's name for it, and what came of it in mutmut's words."""

    name: str
    status: str
    change: Change


def read_tried(results: Path) -> Iterator[Tried]:
    """Yields every mutant that mutmut has made in the folder of the project."""
    for path in sorted(results.glob("**/*.meta")):
        module = path.relative_to(results).with_suffix("").as_posix()
        exits: dict[str, int | None] = json.loads(path.read_bytes())["exit_code_by_key"]
        for name, code in exits.items():
            yield Tried(
                name, status_by_exit_code[code], change_of(module, get_diff_for_mutant(name))
            )


def change_of(module: str, difference: str) -> Change:
    """Returns what a unified difference changes."""
    lines = [line for line in difference.splitlines() if line[:3] not in ("---", "+++")]
    was, becomes = (
        " ".join(" ".join(line[1:].split()) for line in lines if line[:1] == sign) for sign in "-+"
    )
    return Change(module, was, becomes)


def read_explained(path: Path = EXPLAINED) -> Counter[Change]:
    """Returns how many mutants that make a change are explained, an entry each.

    Raises:
        KeyError: An entry has no reason, or is of no change.
    """
    entries: list[dict[str, str]] = yaml.safe_load(path.read_text("utf-8"))["survivors"]
    return Counter(
        Change(entry["module"], entry["was"], entry["becomes"])
        for entry in entries
        if entry["because"]
    )


def judge(tried: Iterable[Tried], explained: Counter[Change]) -> list[str]:
    """Returns what is not as it should be, a sentence each."""
    found: list[str] = []
    left = explained.copy()
    for mutant in tried:
        if mutant.status in NOTICED:
            continue
        if mutant.status != "survived":
            found.append(f"{mutant.name}: {mutant.status}; run mutmut to the end, with tests of it")
        elif left[mutant.change] > 0:
            left[mutant.change] -= 1
        else:
            found.append(
                f"{mutant.name} survived: `{mutant.change.was}` may read "
                f"`{mutant.change.becomes}`; write a test, or explain it in {EXPLAINED.name}"
            )
    found += [
        f"{change.module}: `{change.becomes}` is explained in {EXPLAINED.name} and does not "
        "survive; remove the entry"
        for change in left.elements()
    ]
    return found


def _count(tried: Sequence[Tried]) -> str:
    noticed = sum(mutant.status in NOTICED for mutant in tried)
    survived = sum(mutant.status == "survived" for mutant in tried)
    return f"{len(tried)} mutants: {noticed} killed, {survived} survived"


def main() -> None:
    """Prints what is not as it should be, and the totals."""
    tried, explained = list(read_tried(RESULTS)), read_explained()
    if not tried:
        sys.exit(f"{RESULTS.resolve()} holds no mutants: run `make mutants-python`")
    wrong = judge(tried, explained)
    sys.stdout.writelines(f"WRONG {sentence}\n" for sentence in wrong)
    sys.stdout.write(f"{_count(tried)}, {explained.total()} explained\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
