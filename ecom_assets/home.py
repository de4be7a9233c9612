"""The layout of a home folder: the one place that knows where things lie."""

from dataclasses import dataclass
from pathlib import Path

from ecom_assets.settings import settings


@dataclass(frozen=True)
class Home:
    """A home folder and the paths inside it. Creating one touches no file."""

    root: Path

    @classmethod
    def current(cls) -> "Home":
        """Returns the home that ``ECOM_HOME`` names."""
        return cls(settings().home.expanduser().resolve())

    @property
    def stores_file(self) -> Path:
        """The stores, their clocks, currencies and feeds."""
        return self.root / "stores.yaml"

    @property
    def feeds(self) -> Path:
        """The home's own feeds, ``<feed>/feed.yaml`` with its SQL, beside those of the package."""
        return self.root / "feeds"

    @property
    def questions(self) -> Path:
        """The home's own questions, ``<name>.sql``, beside those of the package."""
        return self.root / "questions"

    @property
    def simulation(self) -> Path:
        """Seed, scale and days of the home's simulated stores."""
        return self.root / "simulation.json"

    @property
    def truth(self) -> Path:
        """What simulated stores know of themselves, ``<store>/<what>.parquet``; never loaded."""
        return self.root / "truth"

    @property
    def inbox(self) -> Path:
        """Where deliveries arrive: ``<store>/<feed>/<file>``."""
        return self.root / "inbox"

    @property
    def landing(self) -> Path:
        """The delivered bytes, kept once: ``<store>/<feed>/<delivered_on>/<sha12>-<name>``."""
        return self.root / "landing"

    @property
    def journal(self) -> Path:
        """The append-only list of deliveries, one JSON object a line."""
        return self.landing / "journal.jsonl"

    @property
    def lake(self) -> Path:
        """Accepted and quarantined rows as Parquet, with one manifest per store, feed and month."""
        return self.root / "lake"

    @property
    def manifests(self) -> Path:
        """The commit point of the lake: ``<store>/<feed>/<month>.json``."""
        return self.lake / "manifests"

    @property
    def warehouse(self) -> Path:
        """Gold: dimensions, facts, KPI tables. Private to the pipeline."""
        return self.root / "warehouse" / "warehouse.duckdb"

    @property
    def staging(self) -> Path:
        """Staging, history and the state of change. Private to the pipeline."""
        return self.root / "warehouse" / "staging.duckdb"

    @property
    def published(self) -> Path:
        """Published versions; ``current`` points at the one readers see."""
        return self.root / "published"

    @property
    def current_version(self) -> Path:
        """Symbolic link to the version that readers see."""
        return self.published / "current"

    @property
    def state(self) -> Path:
        """Locks, verdicts and dbt's working files."""
        return self.root / "state"

    @property
    def inbox_hashes(self) -> Path:
        """The hashes of the inbox's files, so that no process computes them anew."""
        return self.state / "inbox_hashes.json"

    @property
    def writer_lock(self) -> Path:
        """Locked by the one process that may write."""
        return self.state / "writer.lock"

    @property
    def dbt_lock(self) -> Path:
        """Locked by a running dbt process, also when its parent was killed."""
        return self.state / "dbt.lock"

    @property
    def gate(self) -> Path:
        """The verdicts of all blocking checks, readable without the warehouse."""
        return self.state / "gate.json"

    @property
    def last_run(self) -> Path:
        """How the run ended that last held the writer lock."""
        return self.state / "last-run.json"

    @property
    def failed_pulls(self) -> Path:
        """The sources that could not be pulled when that was last tried, and why."""
        return self.state / "failed-pulls.json"

    @property
    def confirmed_changes(self) -> Path:
        """How far changes were last confirmed to the servers they were read from."""
        return self.state / "confirmed-changes.json"

    @property
    def bucket_memory(self) -> Path:
        """What was pulled from buckets, ``<store>-<feed>.json``; no more than a saving."""
        return self.state / "buckets"

    @property
    def dbt_target(self) -> Path:
        """dbt's compiled files and partial parse for this home."""
        return self.state / "dbt"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME of this home."""
        return self.root / "dagster"

    @property
    def scratch(self) -> Path:
        """Files in the making; whatever is left here is of no account."""
        return self.state / "scratch"

    def feed_inbox(self, store: str, feed: str) -> Path:
        """Returns the folder in which files of one feed arrive."""
        return self.inbox / store / feed
