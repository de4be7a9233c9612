"""Mutants of the SQL: small faults that a test must notice: text to find, and what to put there.

The text is that of compiled SQL, so that a fault in a macro can be put into one model; white space
counts as one blank. A mutant of an incremental strategy is of the macro's own text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ecom_assets.warehouse.project import load_project
from tests.harness import nodes

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes:
        area: What it is about: the name of its file.
        name: What is wrong with it, in a few words.
        model: The model that it is in, also where that is inlined in others.
        strategy: Instead of a model, the incremental strategy that it is in.
        find: The text as it should be.
        replace: The text that is wrong.
        nth: Which of several places, from 1; 0 for the only one.
        survives: Why no test can notice it; empty where one must.
        killers: Tests that may notice it after the unit tests of its models.
    """

    area: str
    name: str
    find: str
    replace: str
    model: str = ""
    strategy: str = ""
    nth: int = 0
    survives: str = ""
    killers: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """The models whose compiled SQL has the fault; that of a strategy is in none."""
        if self.strategy:
            return ()
        inlined = f"__dbt__cte__{self.model}"
        return tuple(
            node["name"]
            for node in load_project().manifest["nodes"].values()
            if node["resource_type"] == "model"
            and (node["name"] == self.model or inlined in (node.get("compiled_code") or ""))
        )

    def applied_to(self, text: str) -> str:
        """Returns a text with the fault.

        Raises:
            LookupError: The text is not there, or in several places of which none is chosen.
        """
        found = list(re.finditer(r"\s+".join(map(re.escape, self.find.split())), text))
        if not found or (len(found) > 1 and not self.nth) or len(found) < self.nth:
            raise LookupError(
                f"mutant '{self.name}' ({self.area}.yml): {len(found)} places in "
                f"{self.model or self.strategy} read \"{self.find}\"; correct 'find' or 'nth'"
            )
        place = found[max(self.nth, 1) - 1]
        return f"{text[: place.start()]}{self.replace}{text[place.end() :]}"

    def own_text(self) -> str:
        """Returns the text that the fault is to be put into."""
        manifest = load_project().manifest
        if self.strategy:
            macro = f"macro.ecom.get_incremental_{self.strategy}_sql"
            return str(manifest["macros"][macro]["macro_sql"])
        return str(manifest["nodes"][f"model.ecom.{self.model}"]["compiled_code"])

    def put(self) -> None:
        """Puts the fault into the project as this process knows it; there is no way back."""
        manifest = load_project().manifest
        own = self.own_text()
        wrong = self.applied_to(own)
        if self.strategy:
            macro = manifest["macros"][f"macro.ecom.get_incremental_{self.strategy}_sql"]
            macro["macro_sql"] = wrong
        for name in self.models:
            node = manifest["nodes"][f"model.ecom.{name}"]
            code = str(node["compiled_code"])
            node["compiled_code"] = wrong if name == self.model else self._inlined(code)
        for known in (nodes.stored_nodes, nodes.data_tests, nodes.strategy_sql):
            known.cache_clear()

    def _inlined(self, code: str) -> str:
        """Returns the SQL of a model with the fault in the common table of the mutant's model."""
        start, end = nodes.common_table(code, f"__dbt__cte__{self.model}")
        inner = code[start:end]
        return f"{code[:start]}{self.applied_to(inner)}{code[end:]}"


@lru_cache(maxsize=1)
def mutants() -> tuple[Mutant, ...]:
    """Returns all committed mutants, in the order of files and within them."""
    return tuple(mutant for path in sorted(FOLDER.glob("*.yml")) for mutant in _read(path))


def _read(path: Path) -> Iterator[Mutant]:
    content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    for fields in content["mutants"]:
        yield Mutant(area=path.stem, **{"killers": tuple(content["killers"]), **fields})
