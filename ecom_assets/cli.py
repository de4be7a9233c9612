"""The ``ecom`` command. Errors are sentences, never tracebacks."""

import shlex
import sys
import time
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ecom_assets.console import Format, err, out, plain, print_answer, print_table, shown
from ecom_assets.errors import EcomError
from ecom_assets.feed_commands import (
    HomeOption,
    chosen_home,
    feed_app,
    list_feeds,
    readable_home,
)
from ecom_assets.heavy_imports import collect_rarely
from ecom_assets.home import Home
from ecom_assets.question_command import ask as ask_question
from ecom_assets.wording import counted

if TYPE_CHECKING:
    from ecom_assets.simmart.simulate import Written

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(feed_app, name="feed")
app.command("feeds", hidden=True)(list_feeds)
app.command()(ask_question)
INTERRUPTED = 130  # the exit code with which typer ends after Ctrl-C, without a word
SHOWN_CHARACTERS = 200  # of a rejected row in a table; a broken record may be a whole file


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(f"ecom-assets {version('ecom-assets')}")
        raise typer.Exit


@app.callback()
def about(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version"),
    ] = False,
) -> None:
    """From a shop's deliveries to published, provable figures."""


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
    from ecom_assets.stores import load_stores, without_source

    where = Home(home.expanduser().resolve())
    for name in feed:
        added = add_store(where, store, name, currency, timezone, country)
        known = load_feed(name, where)
        todo = (
            f"Say from where it is pulled: url_env of {name} in {where.stores_file} (see "
            "docs/operations.md)"
            if known.pull
            else f"Put files like {known.example} into {added.inbox}"
        )
        out.print(f"{added.what}. {todo}", markup=False, soft_wrap=True)
        if added.reporting_currency:
            out.print(
                f"Reports of all stores are in {added.reporting_currency}: reporting_currency in "
                f"{where.stores_file}, where it can be changed",
                markup=False,
                soft_wrap=True,
            )
    lacking = [name for of, name in without_source(where, load_stores(where)) if of == store]
    first = f"set url_env of {', '.join(lacking)} in {where.stores_file}, and: " if lacking else ""
    command = f"ecom run --home {shlex.quote(str(where.root))}"
    out.print(f"then: {first}{command}", markup=False, soft_wrap=True)


@app.command()
def run(
    home: HomeOption = None,
    first: Annotated[str | None, typer.Option("--from", help="First month, e.g. 2010-12")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month, e.g. 2011-12")] = None,
) -> None:
    """Pull from sources, land what lies in the inbox, load the months it touches, publish."""
    from ecom_assets.load_report import load_and_tell, pull_and_tell

    where = chosen_home(home)
    pull_and_tell(where)
    if not load_and_tell(where, first, last):
        raise typer.Exit(1)


@app.command()
def analytics(home: HomeOption = None) -> None:
    """Compute forecast, customer value and anomalies from what is loaded, and publish them."""
    from ecom_assets.analytics_report import compute_and_tell

    if not compute_and_tell(chosen_home(home)):
        raise typer.Exit(1)


@app.command()
def pull(
    home: HomeOption = None,
    store: Annotated[str | None, typer.Option(help="Only this store")] = None,
    feed: Annotated[str | None, typer.Option(help="Only this feed")] = None,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="Read tables whose changes are read as a whole again")
    ] = False,
) -> None:
    """Pull what is new in databases, APIs and buckets into the inbox, without loading it."""
    from ecom_assets.load_report import pull_and_tell

    if not pull_and_tell(chosen_home(home), store, feed, anew=snapshot, tell_none=True):
        raise typer.Exit(1)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="SQL over the published tables")],
    home: HomeOption = None,
    format: Annotated[Format, typer.Option(help="How to print the rows")] = Format.TABLE,  # noqa: A002
) -> None:
    """Ask the published version."""
    from ecom_assets.publish.query import ask

    print_answer(ask(readable_home(home), sql), format)


@app.command()
def status(home: HomeOption = None) -> None:
    """Tell what is published, what waits, and what is red."""
    from ecom_assets.status import describe_home

    for line in describe_home(chosen_home(home)):
        out.print(shown(line), markup=False, soft_wrap=True)


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

    found = quarantined(chosen_home(home), dataset, limit)
    if format is not Format.TABLE:
        print_answer(Answer(found.columns, found.all_rows), format)
        return
    for file in found.set_aside:
        out.print(shown(file.told), markup=False, soft_wrap=True)
    print_table(found.columns, tuple((*row[:-1], _cut(row[-1])) for row in found.rows))
    rows, files = counted(found.total, "rejected row"), counted(len(found.set_aside), "file")
    out.print(f"{rows}, {files} set aside")


@app.command()
def digest(home: HomeOption = None) -> None:
    """Print one hash per published table: equal tables, equal hashes."""
    from ecom_assets.publish.digest import digests
    from ecom_assets.publish.versions import current_folder

    for table, value in digests(current_folder(readable_home(home))).items():
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
    growth: Annotated[
        float | None, typer.Option(help="More orders each year, as a share of the first day")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Variable with the URL of a database that gets the first store's tables"),
    ] = None,
    serve: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Then serve the campaign spend over REST at this port"),
    ] = None,
    fail_every: Annotated[
        int, typer.Option(min=0, help="Of so many requests to it the last one fails")
    ] = 0,
) -> None:
    """Write what a simulated shop delivers into the inbox; again, to go on to the present."""
    from ecom_assets.simmart.serve import api_token
    from ecom_assets.simmart.simulate import dirt_counts, remembered, simulation
    from ecom_assets.simmart.simulate import simulate as write_days

    where = chosen_home(home)
    if serve is not None:
        api_token()  # before a year is written in vain
    elif fail_every:
        raise typer.BadParameter("it is for --serve", param_hint="--fail-every")
    held = remembered(where) if serve is not None else None
    last = end.date() if end else held and held.end  # what is there is served as it is
    days = (start.date() if start else None, last)
    wanted = simulation(where, scale, seed, stores, days, dirt or (), growth=growth)
    started = time.monotonic()
    written = write_days(where, wanted, database)
    seconds = time.monotonic() - started
    out.print(_written_table(written))
    if tables := written[0].database:
        told = f"{counted(sum(tables.values()), 'row')} into {len(tables)} tables"
        out.print(f"The database that {database} names: {told}", markup=False)
    if wanted.dirt:
        counts = dirt_counts(written)
        out.print("Dirt: " + ", ".join(f"{counts.get(k, 0):,} {k}" for k in wanted.dirt))
    rows = sum(kind.rows for store in written for kind in store.kinds)
    out.print(
        f"Scale {wanted.scale}, seed {wanted.seed}, {wanted.start} to {wanted.end}: "
        f"{counted(rows, 'row')} in {seconds:.1f} s, {rows / seconds:,.0f} rows per second"
    )
    if serve is not None:
        _serve(where, serve, fail_every)


@app.command(hidden=True)
def prepare() -> None:
    """Compile the dbt project and its column lineage (a set-up step; repeated when it changes)."""
    from ecom_assets.warehouse.lineage import stored_lineage

    out.print(f"dbt project ready: {counted(len(stored_lineage()), 'model')}")


@app.command()
def demo(home: HomeOption = None) -> None:
    """Load a year of a real shop and 90 days of a simulated one, and show what came of it."""
    from ecom_assets.analytics_report import are_computed, compute_and_tell
    from ecom_assets.demo import HEADLINES, TITLES, headline_sql, prepare_demo
    from ecom_assets.load_report import load_and_tell
    from ecom_assets.publish.query import ask

    where = chosen_home(home)
    prepare_demo(where)
    if not load_and_tell(where, None, None):
        raise typer.Exit(1)
    if not are_computed(where) and not compute_and_tell(where):
        raise typer.Exit(1)
    table = Table("figure", *TITLES.values())
    for figure in HEADLINES:
        found = (ask(where, headline_sql(figure, store)).rows[0][0] for store in TITLES)
        table.add_row(figure, *(f"{value:,}" for value in found))
    out.print(table)
    out.print(
        f"""What next:
  export ECOM_HOME={shlex.quote(str(where.root))} DAGSTER_HOME={shlex.quote(str(where.dagster))}
  .venv/bin/ecom query "select store_id, sales_month, orders, net_amount from kpi_sales_monthly"
  .venv/bin/ecom status   (also: quarantine, digest)
  .venv/bin/dagster dev -w workspace.yaml   (then open http://127.0.0.1:3000)""",
        markup=False,
        soft_wrap=True,
    )


def main() -> None:
    """Entry point: turns our errors, and those of the file system, into a sentence and code 1."""
    collect_rarely()
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            err.print("interrupted before it was done: run it again to go on")
        raise
    except EcomError as error:
        err.print(f"[red]error:[/red] {plain(error)}", soft_wrap=True)
        sys.exit(1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        err.print(f"[red]error:[/red] {plain(place)}{plain(error.strerror)}", soft_wrap=True)
        sys.exit(1)


def _written_table(written: "list[Written]") -> Table:
    table = Table("store", "feed", "files", "rows", "MB")
    for store in written:
        for kind in store.kinds:
            counts = (f"{kind.files:,}", f"{kind.rows:,}", f"{kind.bytes / 1e6:,.1f}")
            table.add_row(store.store, kind.feed, *counts)
    return table


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _serve(home: Home, port: int, fail_every: int) -> None:
    """Serves SimMart's API to this machine until Ctrl-C."""
    from ecom_assets.simmart.serve import address, listening, spend_api

    api = spend_api(home, fail_every)
    with listening(api, port) as server, suppress(KeyboardInterrupt):
        for store in api.stores:
            out.print(f"Serving {address(server, store)} until Ctrl-C", markup=False)
        server.serve_forever()


if __name__ == "__main__":
    main()
