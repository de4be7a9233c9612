"""The ``ecom feed`` commands: which kinds of export there are, drafting one, checking one."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ecom_assets.console import out, plain, shown
from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.settings import use_home
from ecom_assets.wording import counted

feed_app = typer.Typer(no_args_is_help=True, help="Kinds of export: list, draft and check them.")

HomeOption = Annotated[
    Path | None, typer.Option("--home", "-H", help="The home folder (default: $ECOM_HOME, .ecom)")
]


def chosen_home(home: Path | None) -> Home:
    """Returns the home that an option names, and makes it that of this process."""
    if home is not None:
        use_home(home)
    return Home.current()


def readable_home(home: Path | None) -> Home:
    """Returns a home of which something is published; else says where there is no home.

    Raises:
        ConfigurationError: There is no home.
    """
    from ecom_assets.stores import load_stores

    where = chosen_home(home)
    if not where.published.exists():
        load_stores(where)
    return where


@feed_app.command("list")
def list_feeds(home: HomeOption = None) -> None:
    """List the kinds of export that can be loaded: the shipped ones and those of a home."""
    from ecom_assets.feeds.registry import feed_names, load_feed, own_folders

    where = chosen_home(home)
    own = own_folders(where)
    table = Table("feed", "files like", "what it is")
    for name in feed_names(where):
        try:
            feed = load_feed(name, where)
        except ConfigurationError as error:
            table.add_row(name, "", plain(error))
            continue
        told = feed.description.strip() + (f" ({own[name]})" if name in own else "")
        table.add_row(name, feed.example, plain(told))
    out.print(table)


@feed_app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the feed, e.g. my_orders")],
    sample: Annotated[
        Path, typer.Option("--from", help="A file of it: .csv .jsonl .xlsx .parquet, also packed")
    ],
    home: HomeOption = None,
) -> None:
    """Draft a feed of your own from a sample file: its feed.yaml and SQL, to be looked at."""
    from ecom_assets.feed_draft.draft import draft_feed, write_draft

    where = chosen_home(home)
    draft = draft_feed(where, name, sample)
    folder = write_draft(where, name, draft)
    _say(f"{sample.name} was taken for {draft.kind}.")
    table = Table("column", "taken for")
    for meaning, header in draft.recognised.items():
        table.add_row(plain(header), meaning)
    for header in draft.unrecognised:
        table.add_row(plain(header), "nothing: no SQL uses it")
    out.print(table)
    for dataset, columns in draft.missing.items():
        _say(f"Not found, and {dataset} requires it: {', '.join(columns)}")
    for remark in draft.remarks:
        _say(f"Not clear: {remark}")
    _warn(draft.unused)
    _say(f"Its files are those named {draft.pattern} (see pattern in feed.yaml)")
    _say(f"Wrote {', '.join(draft.files)} into {folder}")
    command = f"ecom feed check {name} --file {shlex.quote(str(sample))}"
    command += f" --home {shlex.quote(str(home))}" if home else ""
    _say(f"next: look at them, then: {command}")


@feed_app.command()
def check(
    feed: Annotated[str, typer.Argument(help="The feed's name, or its folder")],
    file: Annotated[
        list[Path] | None, typer.Option(help="A sample file; repeatable (default: sample/, inbox)")
    ] = None,
    store: Annotated[str | None, typer.Option(help="The store that it is to feed")] = None,
    currency: Annotated[str | None, typer.Option(help="Without a store: ISO 4217 code")] = None,
    timezone: Annotated[str | None, typer.Option(help="Without a store: IANA zone")] = None,
    home: HomeOption = None,
) -> None:
    """Tell what a feed lacks, and what of its samples would be accepted. Loads nothing."""
    from ecom_assets.feed_check.check import check_feed
    from ecom_assets.feed_check.subject import Wanted

    wanted = Wanted(feed, file or (), store, currency, timezone)
    report = check_feed(chosen_home(home), wanted)
    for line in report.told:
        _say(line)
    if report.rejected:
        table = Table("file", "row", "column", "rule", "value", "why")
        for row in report.rejected:
            table.add_row(*(plain("" if value is None else value) for value in row))
        out.print(table)
        if report.more_rejected:
            _say(f"and {counted(report.more_rejected, 'more row')}")
    for line in report.empty:
        _say(line)
    _warn(report.unused)
    for fault in report.faults:
        out.print(f"[red]fault:[/red] {plain(fault)}", soft_wrap=True)
    if report.faults:
        _say(f"{counted(len(report.faults), 'fault')}: it cannot be loaded as it is")
        raise typer.Exit(1)
    _say("It can be loaded.")


def _warn(line: str | None) -> None:
    if line:
        out.print(f"[bold yellow]warning:[/bold yellow] {plain(line)}", soft_wrap=True)


def _say(line: str) -> None:
    out.print(shown(line), markup=False, soft_wrap=True)
