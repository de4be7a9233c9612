"""The ``ecom`` command. Errors are sentences, never tracebacks."""

import json
import re
import shlex
import sys
import time
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from ecom_assets.errors import EcomError
from ecom_assets.home import Home
from ecom_assets.settings import use_home
from ecom_assets.wording import counted

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From a shop's deliveries to published, provable figures.",
)
# What is piped into a file or another program is not folded to the width of a screen.
WIDTH = None if sys.__stdout__ and sys.__stdout__.isatty() else 10_000
out = Console(file=sys.__stdout__, highlight=False, emoji=False, width=WIDTH)
err = Console(file=sys.__stderr__, highlight=False, emoji=False)

STAGES = {
    "start": "start up",
    "land": "keep the delivered files",
    "load": "read and judge, by month",
    "build": "build and test the models",
    "publish": "publish",
}

SHOWN_SECONDS = 0.05
SHOWN_ROWS = 1_000  # of a table; a screen is no place for more, and laying them out takes minutes

HomeOption = Annotated[
    Path | None, typer.Option("--home", "-H", help="The home folder (default: $ECOM_HOME, .ecom)")
]


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@app.command()
def init(
    home: Annotated[Path, typer.Argument(help="Folder to make")],
    store: Annotated[str, typer.Option(help="Store id, e.g. my_shop")],
    feed: Annotated[
        list[str], typer.Option(help="Kind of export, e.g. online_retail; give it again for more")
    ],
    currency: Annotated[str, typer.Option(help="ISO 4217 code, e.g. GBP")],
    timezone: Annotated[str, typer.Option(help="IANA zone, e.g. Europe/London")],
    country: Annotated[str | None, typer.Option(help="ISO 3166 code, for holidays")] = None,
) -> None:
    """Make a home, or add a store to one."""
    from ecom_assets.feeds import load_feed
    from ecom_assets.setup_home import add_store

    where = Home(home.expanduser().resolve())
    for name in feed:
        added = add_store(where, store, name, currency, timezone, country)
        out.print(
            f"{added.what}. Put files like {load_feed(name).example} into {added.inbox}",
            markup=False,
            soft_wrap=True,
        )
    command = f"ecom run --home {shlex.quote(str(where.root))}"
    out.print(f"then: {command}", markup=False, soft_wrap=True)


@app.command()
def feeds() -> None:
    """List the kinds of export that can be loaded."""
    from ecom_assets.feeds import load_feeds

    table = Table("feed", "files like", "what it is")
    for feed in load_feeds().values():
        table.add_row(feed.feed, feed.example, feed.description.strip())
    out.print(table)


@app.command()
def run(
    home: HomeOption = None,
    first: Annotated[str | None, typer.Option("--from", help="First month, e.g. 2010-12")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month, e.g. 2011-12")] = None,
) -> None:
    """Pull from databases, land what lies in the inbox, load the months it touches, publish."""
    where, months = _home(home), (first, last)
    _pull(where)
    if not _load(where, *months):
        raise typer.Exit(1)


@app.command()
def pull(
    home: HomeOption = None,
    store: Annotated[str | None, typer.Option(help="Only this store")] = None,
    feed: Annotated[str | None, typer.Option(help="Only this feed")] = None,
) -> None:
    """Pull what is new in databases into the inbox, without loading it."""
    if not _pull(_home(home), store, feed):
        raise typer.Exit(1)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="SQL over the published tables")],
    home: HomeOption = None,
    format: Annotated[Format, typer.Option(help="How to print the rows")] = Format.TABLE,  # noqa: A002
) -> None:
    """Ask the published version."""
    from ecom_assets.publish.query import ask

    _print_answer(ask(_home(home), sql), format)


@app.command()
def status(home: HomeOption = None) -> None:
    """Tell what is published, what waits, and what is red."""
    from ecom_assets.status import describe_home

    for line in describe_home(_home(home)):
        out.print(_shown(line), markup=False, soft_wrap=True)


@app.command()
def quarantine(
    dataset: Annotated[str | None, typer.Argument(help="Only rows of this dataset")] = None,
    home: HomeOption = None,
    limit: Annotated[int, typer.Option(help="Rows to show", min=1)] = 50,
    format: Annotated[Format, typer.Option(help="How to print the rows")] = Format.TABLE,  # noqa: A002
) -> None:
    """Show rejected rows with rule, reason, file and row, and files set aside."""
    from ecom_assets.publish.query import Answer
    from ecom_assets.status import quarantined

    found = quarantined(_home(home), dataset, limit)
    if format is not Format.TABLE:
        _print_answer(Answer(found.columns, found.rows), format)
        return
    for name, message in found.set_aside:
        out.print(_shown(f"set aside: {name}: {message}"), markup=False, soft_wrap=True)
    _print_table(found.columns, found.rows)
    rows, files = counted(found.total, "rejected row"), counted(len(found.set_aside), "file")
    out.print(f"{rows}, {files} set aside")


@app.command()
def digest(home: HomeOption = None) -> None:
    """Print one hash per published table: equal tables, equal hashes."""
    from ecom_assets.publish.digest import digests
    from ecom_assets.publish.versions import current_folder

    for table, value in digests(current_folder(_home(home))).items():
        out.print(f"{value}  {table}", markup=False, soft_wrap=True)


@app.command()
def simulate(  # noqa: PLR0913, PLR0917 - each option is a parameter
    home: HomeOption = None,
    scale: Annotated[str | None, typer.Option(help="demo, s3 or x10")] = None,
    seed: Annotated[int | None, typer.Option(help="What all chance depends on")] = None,
    stores: Annotated[int | None, typer.Option(min=1, help="How many stores")] = None,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day")] = None,
    end: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day")] = None,
    dirt: Annotated[
        list[str] | None, typer.Option(help="all, or kind=rate, as late=0.1; repeatable")
    ] = None,
) -> None:
    """Write what a simulated shop delivers into the inbox; again, to go on to the present."""
    from ecom_assets.simmart.simulate import dirt_counts, simulation
    from ecom_assets.simmart.simulate import simulate as write_days

    where = _home(home)
    days = (start.date() if start else None, end.date() if end else None)
    wanted = simulation(where, scale, seed, stores, days, dirt or ())
    started = time.monotonic()
    written = write_days(where, wanted)
    seconds = time.monotonic() - started
    table = Table("store", "feed", "files", "rows", "MB")
    for store in written:
        for kind in store.kinds:
            counts = (f"{kind.files:,}", f"{kind.rows:,}", f"{kind.bytes / 1e6:,.1f}")
            table.add_row(store.store, kind.feed, *counts)
    out.print(table)
    if wanted.dirt:
        counts = dirt_counts(written)
        out.print("Dirt: " + ", ".join(f"{counts.get(k, 0):,} {k}" for k in wanted.dirt))
    rows = sum(kind.rows for store in written for kind in store.kinds)
    out.print(
        f"Scale {wanted.scale}, seed {wanted.seed}, {wanted.start} to {wanted.end}: "
        f"{counted(rows, 'row')} in {seconds:.1f} s, {rows / seconds:,.0f} rows per second"
    )


@app.command(hidden=True)
def prepare() -> None:
    """Compile the dbt project and its column lineage (a set-up step; repeated when it changes)."""
    from ecom_assets.warehouse.lineage import stored_lineage

    out.print(f"dbt project ready: {counted(len(stored_lineage()), 'model')}")


@app.command()
def demo(home: HomeOption = None) -> None:
    """Load a year of a real shop (Online Retail, 305 files) and show what came of it."""
    from ecom_assets.demo import HEADLINES, prepare_demo
    from ecom_assets.publish.query import ask

    where = _home(home)
    prepare_demo(where)
    if not _load(where, None, None):
        raise typer.Exit(1)
    table = Table("figure", "value", title="Online Retail, December 2010 to December 2011")
    for name, sql in HEADLINES.items():
        table.add_row(name, f"{ask(where, sql).rows[0][0]:,}")
    out.print(table)
    out.print(
        f"""What next:
  export ECOM_HOME={shlex.quote(str(where.root))} DAGSTER_HOME={shlex.quote(str(where.dagster))}
  .venv/bin/ecom query "select sales_month, orders, net_amount from kpi_sales_monthly order by 1"
  .venv/bin/ecom status   (also: quarantine, digest)
  .venv/bin/dagster dev -w workspace.yaml   (then open http://127.0.0.1:3000)""",
        markup=False,
        soft_wrap=True,
    )


def main() -> None:
    """Entry point: turns our errors, and those of the file system, into a sentence and code 1."""
    try:
        app()
    except EcomError as error:
        err.print(f"[red]error:[/red] {_plain(error)}", soft_wrap=True)
        sys.exit(1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        err.print(f"[red]error:[/red] {_plain(place)}{_plain(error.strerror)}", soft_wrap=True)
        sys.exit(1)


def _pull(home: Home, store: str | None = None, feed: str | None = None) -> bool:
    """Pulls, prints what came of it, and says whether every database was pulled."""
    from ecom_assets.load_run import pull as pull_feeds

    def tell(step: Any) -> None:
        if step.stage == "wait":
            out.print(step.what, markup=False, soft_wrap=True)

    results = pull_feeds(home, (store, feed), tell)
    for result in results:
        (err if result.fault else out).print(_shown(result), markup=False, soft_wrap=True)
    return not any(result.fault for result in results)


def _load(home: Home, first: str | None, last: str | None) -> bool:
    """Loads with progress, prints the result, and says whether everything is published."""
    from ecom_assets import load_run
    from ecom_assets.ingest.intake import months_to_run, waiting
    from ecom_assets.ingest.manifest import read_manifests
    from ecom_assets.progress import Step
    from ecom_assets.publish.versions import current_version
    from ecom_assets.status import count_files, failed_pulls_changed, is_up_to_date
    from ecom_assets.stores import load_stores

    found = waiting(home, load_stores(home), datetime.now(UTC))
    is_asked_for = first or last or failed_pulls_changed(home)
    if not found.months and not is_asked_for and is_up_to_date(home):
        _print_foreign(found.unrecognised)
        version = current_version(home)
        out.print(f"Nothing new. Published version: {version.version if version else 'none'}")
        _print_still_set_aside(len(count_files(home).set_aside))
        return True
    if not found.months and not read_manifests(home.manifests):
        _print_foreign(found.unrecognised)
        err.print(
            f"Nothing has been delivered yet: put files into {home.inbox}/<store>/<feed>/",
            markup=False,
            soft_wrap=True,
        )
        return False
    months = months_to_run(home, found, first, last)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, MofNCompleteColumn(), TimeElapsedColumn(), console=out) as progress:
        tasks = {stage: progress.add_task(text, total=None) for stage, text in STAGES.items()}

        def show(step: Step) -> None:
            if step.stage == "wait":
                progress.console.print(step.what, markup=False, soft_wrap=True)
                return
            if step.stage in tasks:
                progress.update(tasks[step.stage], completed=step.done, total=step.total or 1)
            if step.stage != "start":
                progress.update(tasks["start"], completed=1, total=1)

        result = load_run.run_load(home, months, show)
        for task in progress.tasks:  # stages that the load did not come to
            progress.update(task.id, visible=task.total is not None)
    _print_result(result, months)
    return result.published


def _print_result(result: Any, months: tuple[str, str]) -> None:
    read = result.read
    out.print(
        f"Months {months[0]} to {months[1]}: read {counted(read.files, 'file')} with "
        f"{counted(read.rows, 'row')}; accepted {read.rows - read.quarantined:,}, "
        f"rejected {read.quarantined:,}, files set aside {len(read.set_aside):,}"
    )
    for name, message in read.set_aside:
        out.print(_shown(f"  set aside: {name}: {message}"), markup=False, soft_wrap=True)
    _print_still_set_aside(result.still_set_aside)
    _print_foreign(result.unrecognised)
    seconds = ", ".join(
        f"{s} {t:.1f} s" for s, t in result.times.seconds.items() if t >= SHOWN_SECONDS
    )
    out.print(f"Time: {seconds}; total {result.times.total:.1f} s")
    if result.published:
        tables = counted(len(result.version.rows), "table")
        rows = counted(sum(result.version.rows.values()), "row")
        out.print(f"Published version {result.version.version}: {tables}, {rows}")
        return
    last = result.version.version if result.version else "nothing"
    err.print(f"[red]Not published.[/red] Readers keep: {last}")
    for red in result.reds:
        err.print(_shown(f"  {red.name}: {red.reason}"), markup=False, soft_wrap=True)
        for row in red.rows:
            err.print(f"    {json.dumps(row, default=str)}", markup=False, soft_wrap=True)
    if result.error:
        err.print(_shown(f"  {result.error}"), markup=False, soft_wrap=True)


def _print_foreign(others: Any) -> None:
    from ecom_assets.ingest.foreign import describe_foreign

    for line in describe_foreign(others):
        out.print(_shown(f"  {line}"), markup=False, soft_wrap=True)


def _print_still_set_aside(files: int) -> None:
    if files:
        out.print(f"Still set aside from earlier: {counted(files, 'file')}; see: ecom quarantine")


def _print_answer(answer: Any, form: Format) -> None:
    if form is Format.CSV:
        out.file.write(answer.as_csv())
    elif form is Format.JSON:
        out.file.write(answer.as_json() + "\n")
    else:
        _print_table(answer.columns, answer.rows[:SHOWN_ROWS])
        if (hidden := len(answer.rows) - SHOWN_ROWS) > 0:
            out.print(f"and {counted(hidden, 'more row')}: --format csv or json prints all")


def _print_table(columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]) -> None:
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else _plain(value) for value in row))
    out.print(table)


def _plain(value: object) -> str:
    """Returns a value as text that the console takes neither for markup nor for a command."""
    return _shown(value).replace("[", r"\[")


def _shown(value: object) -> str:
    """Returns a value as text in which what steers a terminal can be seen."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda c: f"\\x{ord(c[0]):02x}", str(value))


def _home(home: Path | None) -> Home:
    if home is not None:
        use_home(home)
    return Home.current()


if __name__ == "__main__":
    main()
