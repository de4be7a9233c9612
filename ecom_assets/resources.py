"""Resources: the writer lock of the current home, and dbt."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

import dagster as dg
from dagster_dbt import DbtCliResource

from ecom_assets.home import Home
from ecom_assets.last_run import innermost, note_begin, note_end
from ecom_assets.lock import writer_lock
from ecom_assets.progress import Step, report
from ecom_assets.settings import name_dbt_parent, settings
from ecom_assets.warehouse.project import DBT, PROJECT_DIR


class WriterLock(dg.ConfigurableResource["WriterLock"]):
    """Holds the home's writer lock from the first step of a run to its last.

    The home notes there how the run ended.
    """

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["WriterLock"]:
        """Takes the lock, telling the run's log who is being waited for."""
        home = Home.current()
        run_id = context.run.run_id if context.run else "no run"

        def tell(who: str) -> None:
            report(Step("wait", 0, 1, who))
            if context.log:
                context.log.info(who)

        with writer_lock(home, run_id, settings().lock_timeout_seconds, tell):
            run = note_begin(home, run_id)
            try:
                yield self
            finally:
                note_end(home, run, _error_of(context.instance, run_id))


def _error_of(instance: dg.DagsterInstance | None, run_id: str) -> str | None:
    """Returns why the first step of a run failed, None if none has."""
    if instance is None:
        return None
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        if entry.dagster_event and (error := entry.dagster_event.step_failure_data.error):
            return innermost(error)
    return None


class DbtProcess(DbtCliResource):
    """dbt in a process of its own, and only there."""

    def _initialize_dbt_core_adapter(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Sequence[str]
    ) -> None:
        """Opens no second dbt adapter in this process: we count rows ourselves, all at once."""
        del args


def dbt_resource() -> DbtCliResource:
    """Returns dbt for our project, started through ``ecom-dbt``."""
    name_dbt_parent()
    return DbtProcess(
        project_dir=str(PROJECT_DIR), profiles_dir=str(PROJECT_DIR), dbt_executable=str(DBT)
    )
