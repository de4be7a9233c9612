"""One load from the command line: through the same Dagster job as everywhere else.

Dagster is imported only when a load really runs; ``ecom query`` and its like never wait for it.
"""

import contextlib
import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from ecom_assets.dagster_home import ensure_dagster_home
from ecom_assets.errors import HistoryError
from ecom_assets.heavy_imports import heavy_imports, without_import
from ecom_assets.home import Home
from ecom_assets.last_run import INTERRUPTED, innermost
from ecom_assets.lock import writer_lock
from ecom_assets.progress import Listener, Step, listening, report
from ecom_assets.publish.gate import Red, read_gate
from ecom_assets.publish.versions import Version, version_in_place
from ecom_assets.settings import settings, use_dagster_home
from ecom_assets.sources.round import PullResult, pull_round
from ecom_assets.status import FileCounts, count_files, is_up_to_date
from ecom_assets.stores import load_stores, pulled_feeds
from ecom_assets.warehouse.project import prepare_manifest
from ecom_assets.warehouse.waiting_dbt import dbt_in_waiting


@dataclass
class StageTimes:
    """Seconds spent in each stage of a load, from its progress.

    Attributes:
        clock: Tells the seconds, of time unless one that tells those of the processor is given.
        seconds: By stage, in the order of the stages.
    """

    clock: Callable[[], float] = time.monotonic
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        self._started = self._since = self.clock()
        self._stage = "start"

    def note(self, step: Step) -> None:
        """Counts the time since the last step to the stage that was under way."""
        now = self.clock()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0) + now - self._since
        self._stage, self._since = step.stage, now

    @property
    def total(self) -> float:
        """Seconds since the load began."""
        return self.clock() - self._started


@dataclass(frozen=True)
class LoadResult:
    """What a load came to.

    Attributes:
        published: Whether readers now see everything that was delivered.
        version: The version that readers see, if any.
        read: What this load read.
        still_set_aside: Files that earlier loads set aside and nobody has delivered again.
        reds: Why nothing was published.
        error: A failure that is no red check.
        times: Seconds by stage.
    """

    published: bool
    version: Version | None
    read: FileCounts
    still_set_aside: int
    reds: tuple[Red, ...]
    error: str | None
    times: StageTimes


def pull(
    home: Home,
    only: tuple[str | None, str | None],
    listener: Listener,
    *,
    anew: bool = False,
) -> list[PullResult]:
    """Pulls from the sources that stores.yaml names, as the home's one writer.

    Args:
        home: The home.
        only: A store and a feed; None stands for all.
        listener: Told of every step.
        anew: Take snapshots of tables whose changes are read.
    """
    stores = load_stores(home)
    if not anew and only == (None, None) and not pulled_feeds(stores):
        return []
    timeout = settings().lock_timeout_seconds
    with (
        listening(listener),
        writer_lock(home, "pull", timeout, lambda who: report(Step("wait", 0, 1, who))),
    ):
        return pull_round(home, stores, only=only, anew=anew)


def run_load(home: Home, months: tuple[str, str], listener: Listener) -> LoadResult:
    """Runs the job ``daily`` over some months in this process and tells what came of it.

    It pulls nothing: whoever calls it has done so, or is about files alone.
    """
    with timed(listener) as times:
        prepare_manifest()  # the waiting dbt reads the parse beside it
        with without_import("pandas"), dbt_in_waiting():
            run_id, error = execute_job(home, "daily", months)
    version = version_in_place(home)
    published = error is None and is_up_to_date(home)
    read = count_files(home, run_id)
    return LoadResult(
        published=published,
        version=version,
        read=read,
        still_set_aside=len(count_files(home).set_aside) - len(read.set_aside),
        reds=() if published or error == INTERRUPTED else _reds(home, error),
        error=error,
        times=times,
    )


@contextlib.contextmanager
def timed(listener: Listener) -> Generator[StageTimes]:
    """Tells a listener of every step of the block, and measures how long each stage takes."""
    times = StageTimes()

    def note(step: Step) -> None:
        times.note(step)
        listener(step)

    note(Step("start", 0, 1))
    with listening(note):
        yield times
    note(Step("end", 1, 1))


@contextlib.contextmanager
def logged(home: Home) -> Generator[None]:
    """Writes what is printed into ``last-run.log``, also of a load that is interrupted."""
    home.state.mkdir(parents=True, exist_ok=True)
    own_log = home.state / f"run-{os.getpid()}.log"  # another load may be writing last-run.log
    try:
        with (
            own_log.open("w", encoding="utf-8") as log,
            contextlib.redirect_stdout(log),
            contextlib.redirect_stderr(log),
        ):
            yield
    finally:
        own_log.replace(home.state / "last-run.log")


def execute_job(home: Home, job: str, months: tuple[str, str]) -> tuple[str, str | None]:
    """Executes a job; returns its run id and, if it failed, the innermost error."""
    ensure_dagster_home(home)
    with logged(home):
        with heavy_imports():
            import dagster as dg
            from sqlalchemy.exc import OperationalError

            from ecom_assets.definitions import defs
            from ecom_assets.ingest.assets import PULLED_TAG
            from ecom_assets.partitions import range_tags

        use_dagster_home(home.dagster)
        try:
            with dg.DagsterInstance.get() as instance:
                result = defs.resolve_job_def(job).execute_in_process(
                    instance=instance,
                    tags={**range_tags(*months), PULLED_TAG: "true"},
                    raise_on_error=False,
                )
        except OperationalError as error:  # of SQLite, as when the disk is full
            raise HistoryError(
                f"{home.dagster} cannot be written: {error.orig}. Make room there if the disk is "
                "full, and run again; readers keep what they have."
            ) from error
        failures = [e.step_failure_data.error for e in result.get_step_failure_events()]
        failures = failures or [  # a resource that failed, as the lock does, fails no step
            event.job_failure_data.error
            for event in result.all_events
            if event.event_type == dg.DagsterEventType.RUN_FAILURE
        ]
        messages = [innermost(error) for error in failures if error]
    return result.run_id, None if result.success else "; ".join(messages) or "the run failed"


def _reds(home: Home, error: str | None) -> tuple[Red, ...]:
    """Returns what keeps the gate shut; after an error not what was never run because of it."""
    from ecom_assets.publish.assets import why_not
    from ecom_assets.warehouse.project import load_project

    reds = why_not(home, load_project())
    failed = {v.name: v for v in read_gate(home).verdicts.values() if v.blocking and not v.passed}
    judged = tuple(red for red in reds if red.name in failed)
    return judged or (() if error else tuple(reds))
