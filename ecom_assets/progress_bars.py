"""The progress of a run as bars on the console, one for each stage."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from ecom_assets.console import out
from ecom_assets.progress import Listener, Step


@contextmanager
def progress_bars(stages: Mapping[str, str]) -> Generator[Listener]:
    """Shows a bar for each stage while the block runs; those it does not come to vanish.

    Args:
        stages: What is shown of each stage, by its name; the first is done when another begins.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    first = next(iter(stages))
    with Progress(*columns, MofNCompleteColumn(), TimeElapsedColumn(), console=out) as progress:
        tasks = {stage: progress.add_task(text, total=None) for stage, text in stages.items()}

        def show(step: Step) -> None:
            if step.stage == "wait":
                progress.console.print(step.what, markup=False, soft_wrap=True)
                return
            if step.stage in tasks:
                # nothing to do is done: a bar of 0 of 1 would never fill
                done, total = (step.done, step.total) if step.total else (1, 1)
                progress.update(tasks[step.stage], completed=done, total=total)
            if step.stage != first:
                progress.update(tasks[first], completed=1, total=1)

        yield show
        for task in progress.tasks:
            progress.update(task.id, visible=task.total is not None)
