"""A load from the command line, as it is seen: its progress, and what it came to."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from asset_checks.raw import FILES_READABLE
from ecom_assets.console import err, out, shown
from ecom_assets.home import Home
from ecom_assets.ingest.foreign import describe_foreign
from ecom_assets.ingest.intake import months_to_run, waiting
from ecom_assets.ingest.landing import Unrecognised
from ecom_assets.ingest.manifest import read_manifests
from ecom_assets.load_run import LoadResult, pull, run_load
from ecom_assets.progress import Step
from ecom_assets.progress_bars import progress_bars
from ecom_assets.publish.gate import Red, read_gate
from ecom_assets.publish.versions import current_version
from ecom_assets.status import count_files, failed_pulls_changed, is_up_to_date
from ecom_assets.stores import Stores, load_stores, without_source
from ecom_assets.wording import counted

STAGES = {
    "start": "start up",
    "land": "keep the delivered files",
    "load": "read and judge, by month",
    "build": "build and test the models",
    "publish": "publish",
}

NOT_PUBLISHED = "not published: "  # such an error repeats the red checks, as one named by them does
SHOWN_SECONDS = 0.05


def pull_and_tell(
    home: Home,
    store: str | None = None,
    feed: str | None = None,
    *,
    anew: bool = False,
    tell_none: bool = False,
) -> bool:
    """Pulls, prints what came of it, and says whether every source was pulled.

    Args:
        home: The home.
        store: The store to pull for; None stands for all.
        feed: The feed to pull; None stands for all.
        anew: Take snapshots of tables whose changes are read.
        tell_none: Print it, too, where no feed is pulled from a source.
    """

    def tell(step: Step) -> None:
        if step.stage == "wait":
            out.print(step.what, markup=False, soft_wrap=True)

    results = pull(home, (store, feed), tell, anew=anew)
    if tell_none and not results:
        told = f"No feed is pulled from a source: url_env of a feed in {home.stores_file} names one"
        out.print(f"{told} (see docs/operations.md)", markup=False, soft_wrap=True)
    for result in results:
        (err if result.fault else out).print(shown(result), markup=False, soft_wrap=True)
    return not any(result.fault for result in results)


def load_and_tell(home: Home, first: str | None, last: str | None) -> bool:
    """Loads with progress, prints the result, and says whether everything is published."""
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
        for line in _what_to_do(home, load_stores(home)):
            err.print(f"Nothing has been delivered yet: {line}", markup=False, soft_wrap=True)
        return False
    months = months_to_run(home, found, first, last)
    with progress_bars(STAGES) as show:
        result = run_load(home, months, show)
    tell_result(home, result, months, found.unrecognised)
    return result.published


def _what_to_do(home: Home, stores: Stores) -> list[str]:
    """Returns what brings the first delivery: files, or from where feeds are pulled."""
    lacking = without_source(home, stores)
    told = [
        f"url_env of {feed} (store {store}) is not set in {home.stores_file}: name there the "
        "variable with its URL (see docs/operations.md)"
        for store, feed in lacking
    ]
    if len(lacking) < sum(len(store.feeds) for store in stores.stores.values()) or not lacking:
        told.append(f"put files into {home.inbox}/<store>/<feed>/")
    return told


def tell_result(
    home: Home,
    result: LoadResult,
    months: tuple[str, str],
    unrecognised: Sequence[Unrecognised] = (),
) -> None:
    """Prints what a load read, the warnings, and what is published or keeps it from being so."""
    _print_result(result, months, unrecognised)
    _print_warnings(home)
    _print_verdict(result)


def _print_result(
    result: LoadResult, months: tuple[str, str], unrecognised: Sequence[Unrecognised]
) -> None:
    read = result.read
    out.print(
        f"Months {months[0]} to {months[1]}: read {counted(read.files, 'file')} with "
        f"{counted(read.rows, 'row')}; accepted {read.rows - read.quarantined:,}, "
        f"rejected {read.quarantined:,}, files set aside {len(read.set_aside):,}"
    )
    for file in read.set_aside:
        out.print(shown(f"  {file.told}"), markup=False, soft_wrap=True)
    _print_still_set_aside(result.still_set_aside)
    _print_foreign(unrecognised)
    seconds = ", ".join(
        f"{s} {t:.1f} s" for s, t in result.times.seconds.items() if t >= SHOWN_SECONDS
    )
    out.print(f"Time: {seconds}; total {result.times.total:.1f} s")


def _print_warnings(home: Home) -> None:
    """Prints the warnings of all checks, but for files set aside, which are told by name."""
    for verdict in read_gate(home).verdicts.values():
        if not verdict.passed and not verdict.blocking and verdict.name != FILES_READABLE:
            text = f"Warning: {verdict.name}: {verdict.message}"
            out.print(shown(text), markup=False, soft_wrap=True)
            _print_rows(out, verdict.rows, verdict.found)


def _print_verdict(result: LoadResult) -> None:
    """Prints what readers see now, and what keeps them from seeing more."""
    version = result.version
    if result.published and version:
        tables = counted(len(version.rows), "table")
        rows = counted(sum(version.rows.values()), "row")
        out.print(f"Published version {version.version}: {tables}, {rows}")
        return
    err.print(
        f"[red]Not published.[/red] Readers keep: {version.version if version else 'nothing'}"
    )
    for red in result.reds:
        _print_red(red)
    repeated = (NOT_PUBLISHED, *(f"{red.name}: " for red in result.reds))
    if result.error and not (result.reds and result.error.startswith(repeated)):
        err.print(shown(f"  {result.error}"), markup=False, soft_wrap=True)


def _print_red(red: Red) -> None:
    err.print(shown(f"  {red.name}: {red.reason}"), markup=False, soft_wrap=True)
    _print_rows(err, red.rows, red.found)


def _print_rows(console: Console, rows: Sequence[Mapping[str, Any]], found: int) -> None:
    for row in rows:
        text = json.dumps(row, default=str, ensure_ascii=False)
        console.print(shown(f"    {text}"), markup=False, soft_wrap=True)
    if (hidden := found - len(rows)) > 0 and rows:
        console.print(f"    and {hidden:,} more")


def _print_foreign(others: Sequence[Unrecognised]) -> None:
    for line in describe_foreign(others):
        out.print(shown(f"  {line}"), markup=False, soft_wrap=True)


def _print_still_set_aside(files: int) -> None:
    if files:
        out.print(f"Still set aside from earlier: {counted(files, 'file')}; see: ecom quarantine")
