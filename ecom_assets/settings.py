"""Settings: the only module that reads the environment.

Every setting has the prefix ``ECOM_``; ``ECOM_HOME`` names the home folder. Nothing here touches
a file.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ecom_assets.errors import ConfigurationError


class Settings(BaseSettings):
    """What may be set from outside, with the defaults of a laptop.

    Attributes:
        home: Folder of stores, deliveries, warehouse and published versions.
        threads: Threads of each DuckDB connection and of dbt.
        memory_limit: DuckDB's memory limit, in its own notation.
        keep_versions: How many published versions are kept.
        keep_bytes: Published versions beyond the newest are dropped above this many bytes.
        lock_timeout_seconds: How long to wait for another writer before giving up.
        load_attempts: How often the sensor asks for the same deliveries before it stops.
        dbt_parent: The process that wants a dbt to run, told to that dbt.
        dbt_waiting: Where a dbt that has loaded already waits for its command line.
        crash_point: Named point at which the process kills itself; for crash tests.
    """

    model_config = SettingsConfigDict(env_prefix="ECOM_", extra="ignore")

    home: Path = Path(".ecom")
    threads: int = Field(default=2, ge=1)
    memory_limit: str = Field(default="1GB", pattern=r"^\d+(\.\d+)? ?([KMGT]i?)?B$")
    keep_versions: int = Field(default=5, ge=1)
    keep_bytes: int = Field(default=20_000_000_000, ge=0)
    lock_timeout_seconds: float = Field(default=3600, ge=0)
    load_attempts: int = Field(default=3, ge=1)
    dbt_parent: int = 0
    dbt_waiting: Path | None = None
    crash_point: str = ""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Returns the settings of this process, read once.

    Raises:
        ConfigurationError: A variable has a value that cannot be.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [(str(fault["loc"][0]), fault["msg"]) for fault in error.errors()]
        raise ConfigurationError(
            "; ".join(
                f"ECOM_{name.upper()}: {message} (example: {Settings.model_fields[name].default})"
                for name, message in faults
            )
        ) from error


def source_secret(variable: str) -> str | None:
    """Returns a source's URL, token or key from the variable that stores.yaml names; a secret."""
    return os.environ.get(variable) or None


def child_environment(home: Path) -> dict[str, str]:
    """Returns this process's environment for a child that works on another home."""
    return {**os.environ, "ECOM_HOME": str(home)}


def use_home(home: Path) -> None:
    """Makes a folder the home of this process and of its children, wherever these are started."""
    os.environ["ECOM_HOME"] = str(home.expanduser().resolve())
    settings.cache_clear()


def name_dbt_parent() -> None:
    """Tells the dbt processes that this one starts whose end is their own."""
    os.environ["ECOM_DBT_PARENT"] = str(os.getpid())


def name_waiting_dbt(path: Path | None) -> None:
    """Tells the dbt processes that this one starts where one of them waits, or that none does."""
    if path is None:
        os.environ.pop("ECOM_DBT_WAITING", None)
    else:
        os.environ["ECOM_DBT_WAITING"] = str(path)


def own_environment() -> dict[str, str]:
    """Returns this process's environment, for a process that does its work."""
    return dict(os.environ)


def replace_environment(environment: Mapping[str, str]) -> None:
    """Gives this process the environment of another."""
    os.environ.clear()
    os.environ.update(environment)
    settings.cache_clear()


def use_dagster_home(folder: Path) -> None:
    """Makes a folder the one in which Dagster keeps its history, for this process."""
    os.environ["DAGSTER_HOME"] = str(folder)


def dagster_home() -> Path:
    """Returns the folder in which Dagster keeps its history.

    Raises:
        ConfigurationError: ``DAGSTER_HOME`` is not set.
    """
    if "DAGSTER_HOME" not in os.environ:
        raise ConfigurationError("DAGSTER_HOME is not set: export DAGSTER_HOME=$ECOM_HOME/dagster")
    return Path(os.environ["DAGSTER_HOME"])


def batch_dagster_events() -> None:
    """Lets Dagster hand events to its storage in batches, unless the user has said otherwise."""
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")
