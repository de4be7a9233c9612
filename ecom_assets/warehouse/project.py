"""The dbt project as data: its models, what they read, and the tests that guard them.

Pure but for reading the manifest. A fresh checkout has no manifest: :func:`prepare_manifest`
makes one, and anew whenever the project's files have changed since.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ecom_assets.errors import BuildError
from ecom_assets.settings import child_environment

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt"
SOURCE_FOLDERS = ("models", "macros", "seeds", "tests")
DBT = Path(sys.executable).parent / "ecom-dbt"
DIRECTORIES = ("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR))
PREPARED = PROJECT_DIR / "target" / "prepared"
STAMP = "project.fingerprint"
PARTIAL_PARSE = "partial_parse.msgpack"


@dataclass(frozen=True)
class DataTest:
    """A dbt test, the models it stands over, and whether a red one refuses publication."""

    name: str
    unique_id: str
    claim: str
    models: tuple[str, ...]
    blocking: bool


@dataclass(frozen=True, eq=False)
class Project:
    """What the manifest says, reduced to what the gate and the state of change need."""

    manifest: dict[str, Any]

    @cached_property
    def models(self) -> dict[str, tuple[str, ...]]:
        """Every model and seed that is stored, with the stored ones it reads."""
        return {
            node["name"]: tuple(sorted(self._stored_parents(node)))
            for node in self.manifest["nodes"].values()
            if _is_stored(node)
        }

    @cached_property
    def gold(self) -> tuple[str, ...]:
        """The tables that are published, in alphabetical order.

        A view is in the copied database too, but computed when it is read: it has no file.
        """
        return tuple(
            sorted(
                node["name"]
                for node in self.manifest["nodes"].values()
                if node["resource_type"] == "model"
                and node["database"] == "warehouse"
                and node["config"]["materialized"] != "view"
            )
        )

    @cached_property
    def followed(self) -> tuple[str, ...]:
        """The raw datasets whose changed keys some model replaces."""
        sources = self.manifest["sources"].values()
        return tuple(
            source["name"]
            for source in sources
            if source["source_name"] == "changed" and source["name"].startswith("raw_")
        )

    @cached_property
    def sql_models(self) -> tuple[str, ...]:
        """All stored models that are made by SQL, in the order of the manifest."""
        nodes = self.manifest["nodes"].values()
        return tuple(n["name"] for n in nodes if n["resource_type"] == "model" and _is_stored(n))

    @cached_property
    def tests(self) -> tuple[DataTest, ...]:
        """All dbt tests; those of severity error must be green before anything is published."""
        return tuple(
            DataTest(
                name=node["name"],
                unique_id=node["unique_id"],
                claim=node["meta"].get("description", node["name"]),
                models=tuple(sorted(self._stored_parents(node))),
                blocking=node["config"]["severity"].lower() == "error",
            )
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == "test"
        )

    def compiled_sql(self, model: str) -> str:
        """Returns the compiled SQL of a model, with ephemeral models inlined."""
        return str(self.manifest["nodes"][f"model.ecom.{model}"]["compiled_code"])

    def database(self, model: str) -> str:
        """Returns the database file a model lives in: ``staging`` or ``warehouse``."""
        return str(self.manifest["nodes"][f"model.ecom.{model}"]["database"])

    def columns(self, model: str) -> dict[str, str]:
        """Returns the contract of a model: its columns with their types."""
        node = self.manifest["nodes"][f"model.ecom.{model}"]
        return {name: column["data_type"] for name, column in node["columns"].items()}

    def month_column(self, model: str) -> str | None:
        """Returns the date column by whose months a gold table is split, if it has one."""
        return self.manifest["nodes"][f"model.ecom.{model}"]["config"].get("tail_column")

    def look_ahead_days(self, model: str) -> int:
        """Returns how many days before a change the rows of a gold table may change with it."""
        return self.manifest["nodes"][f"model.ecom.{model}"]["config"].get("look_ahead_days") or 0

    def is_by_order_day(self, model: str) -> bool:
        """Returns whether what becomes of an order changes a gold table on the order's day."""
        config = self.manifest["nodes"][f"model.ecom.{model}"]["config"]
        return config.get("tail_from", "rebuild_on") == "rebuild_on"

    def has_spans(self, model: str) -> bool:
        """Returns whether rows of a gold table hold until the next one, whenever that is."""
        return bool(self.manifest["nodes"][f"model.ecom.{model}"]["config"].get("span_end"))

    def grain(self, model: str) -> tuple[str, ...]:
        """Returns the columns that identify a row of a gold table."""
        return tuple(self.manifest["nodes"][f"model.ecom.{model}"]["config"]["meta"]["grain"])

    def _stored_parents(self, node: dict[str, Any]) -> set[str]:
        found: set[str] = set()
        for parent_id in node.get("depends_on", {}).get("nodes", []):
            parent = self.manifest["nodes"].get(parent_id)
            if parent is None:
                continue
            if _is_stored(parent):
                found.add(parent["name"])
            else:
                found |= self._stored_parents(parent)
        return found


@lru_cache(maxsize=1)
def load_project() -> Project:
    """Returns the project, with a manifest that is up to date."""
    return Project(json.loads(prepare_manifest().read_bytes()))


def prepare_manifest() -> Path:
    """Returns the path of the compiled manifest, made anew if the project's files have changed.

    Raises:
        BuildError: dbt cannot compile the project.
    """
    if not _is_prepared():
        PREPARED.mkdir(parents=True, exist_ok=True)
        with (PREPARED / "lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_prepared():
                _compile()
    return PREPARED / "manifest.json"


def _is_prepared() -> bool:
    stamp = PREPARED / STAMP
    return stamp.is_file() and stamp.read_text() == project_fingerprint()


def _compile() -> None:
    """Compiles the project on an empty home and stamps the result with its fingerprint."""
    fingerprint = project_fingerprint()
    # dbt's partial parse keeps unit tests that have moved to another model
    (PREPARED / PARTIAL_PARSE).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(  # noqa: S603
            [str(DBT), "--quiet", "compile", *DIRECTORIES, "--target-path", str(PREPARED)],
            env=child_environment(Path(home)),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise BuildError(f"dbt cannot compile {PROJECT_DIR}:\n{done.stdout}{done.stderr}")
    draft = PREPARED / f"{STAMP}.{os.getpid()}"
    draft.write_text(fingerprint)
    draft.replace(PREPARED / STAMP)


def prepare_target(target: Path) -> None:
    """Gives dbt's target folder of a home the prepared parse, so that dbt need not parse again."""
    stamp = target / STAMP
    if stamp.is_file() and stamp.read_text() == project_fingerprint():
        return
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PREPARED / PARTIAL_PARSE, target / PARTIAL_PARSE)
    stamp.write_text(project_fingerprint())


def project_fingerprint() -> str:
    """Returns the hash of all files of the dbt project that decide what it computes."""
    digest = hashlib.sha256()
    for path in _source_files():
        digest.update(str(path.relative_to(PROJECT_DIR)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _source_files() -> list[Path]:
    found = [PROJECT_DIR / "dbt_project.yml", PROJECT_DIR / "profiles.yml"]
    for folder in SOURCE_FOLDERS:
        found += [path for path in (PROJECT_DIR / folder).rglob("*") if path.is_file()]
    return sorted(found)


def _is_stored(node: dict[str, Any]) -> bool:
    kind = node["resource_type"]
    return kind == "seed" or (kind == "model" and node["config"]["materialized"] != "ephemeral")
