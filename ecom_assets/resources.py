"""Resources: the writer lock of the current home, and dbt."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

import dagster as dg
from dagster_dbt import DbtCliResource

from ecom_assets.home import Home
from ecom_assets.lock import writer_lock
from ecom_assets.progress import Step, report
from ecom_assets.settings import name_dbt_parent, settings
from ecom_assets.warehouse.project import DBT, PROJECT_DIR


class WriterLock(dg.ConfigurableResource["WriterLock"]):
    """Holds the home's writer lock from the first step of a run to its last."""

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
            yield self


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
