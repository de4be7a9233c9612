"""What a home remembers of its last run."""

from pathlib import Path

import pytest
from dagster._utils.error import SerializableErrorInfo

from ecom_assets.home import Home
from ecom_assets.last_run import (
    UNKNOWN,
    LastRun,
    describe_last_run,
    innermost,
    note_begin,
    note_end,
)
from ecom_assets.lock import writer_lock


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.state.mkdir()
    return home


def told(home: Home, run: LastRun) -> str:
    """How the run is described, without its time."""
    text = describe_last_run(home)
    assert text
    return text.replace(f"{run.began_at:%Y-%m-%d %H:%M:%S}", "T")


def test_a_home_that_never_ran_has_no_last_run(home: Home) -> None:
    assert describe_last_run(home) is None


def test_a_run_that_succeeded(home: Home) -> None:
    run = note_begin(home, "0123456789")
    note_end(home, run, None)
    assert told(home, run) == "succeeded, begun T UTC (run 01234567)"


def test_of_a_run_that_failed_the_first_sentence_is_told(home: Home) -> None:
    """`ecom status` named red checks only: a load that had failed left no trace there."""
    run = note_begin(home, "0123456789")
    note_end(home, run, "no space on v1.5 of the disk. Make room.\nTraceback")
    assert told(home, run) == "failed, begun T UTC (run 01234567): no space on v1.5 of the disk."
    note_end(home, run, "x" * 1000)
    assert told(home, run).endswith(f": {'x' * 300}...")


def test_an_error_of_ours_is_told_and_not_its_cause() -> None:
    """Of faulty SQL only DuckDB's words were shown, without the feed or the file it stands in."""
    cause: SerializableErrorInfo | None = None
    for kind, message in (
        ("BinderException", "Binder Error: column unit not found"),
        (
            "ConfigurationError",
            "ecom_assets.errors.ConfigurationError: feeds/shop/orders.sql: unit",
        ),
        ("DagsterExecutionStepExecutionError", "a step failed"),
    ):
        cause = SerializableErrorInfo(message, [], kind, cause)
    assert innermost(cause) == "feeds/shop/orders.sql: unit"


def test_a_run_that_neither_ended_nor_holds_the_lock_was_killed(home: Home) -> None:
    with writer_lock(home, "0123456789", 0):
        run = note_begin(home, "0123456789")
        assert describe_last_run(home) is None
    assert told(home, run) == "killed, begun T UTC (run 01234567): run again to go on"


@pytest.mark.parametrize("left", ["", "{"])
def test_a_damaged_note_is_unknown_until_the_next_run(home: Home, left: str) -> None:
    """What a power cut had left of it stopped `ecom status`."""
    home.last_run.write_text(left)
    assert describe_last_run(home) == UNKNOWN
    run = note_begin(home, "0123456789")
    note_end(home, run, None)
    assert told(home, run) == "succeeded, begun T UTC (run 01234567)"
