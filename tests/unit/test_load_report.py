"""What a load tells when it is done."""

from pathlib import Path

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.load_report import pull_and_tell, tell_result
from ecom_assets.load_run import LoadResult, StageTimes
from ecom_assets.publish.gate import Red
from ecom_assets.status import FileCounts


def told(capfd: pytest.CaptureFixture[str], home: Path, error: str, *reds: Red) -> list[str]:
    """What is printed after "Not published."."""
    read = FileCounts(0, 0, 0, ())
    result = LoadResult(False, None, read, 0, reds, error, StageTimes())
    tell_result(Home(home), result, ("2011-08", "2011-08"))
    first, *rest = capfd.readouterr().err.splitlines()
    assert first == "Not published. Readers keep: nothing"
    return rest


def test_a_red_check_is_told_once_with_some_rows_and_how_many_more(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It was told twice, as a check and as the error; rows ended without a word of the rest."""
    red = Red("grain_x", "Rows that break this: 9.", ({"name": "Bø"}, {"name": "b"}), 9)
    error = "not published: grain_x: Rows that break this: 9."
    assert told(capfd, tmp_path, error, red) == [
        "  grain_x: Rows that break this: 9.",
        '    {"name": "Bø"}',
        '    {"name": "b"}',
        "    and 7 more",
    ]


def test_a_red_test_of_dbt_that_ends_the_build_is_told_once(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It came again as the error, below its own rows: the build's error begins with its name."""
    red = Red("assert_x", "A claim. Rows that break this: 1.", ({"id": "b"},), 1)
    error = "assert_x: A claim. Rows that break this: 1."
    assert told(capfd, tmp_path, error, red) == [
        "  assert_x: A claim. Rows that break this: 1.",
        '    {"id": "b"}',
    ]


def test_an_error_that_is_no_red_check_is_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert told(capfd, tmp_path, "no space is left") == ["  no space is left"]
    assert told(capfd, tmp_path, "not published: the copy differs") == [
        "  not published: the copy differs"
    ]


STORES = "stores: {shop: {currency: EUR, timezone: UTC, feeds: {online_retail: {}}}}\n"


def test_a_pull_that_no_feed_asks_for_is_told_where_it_was_asked_for(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`ecom pull` ended without a word; `ecom run` needs none, for it reads the inbox as well."""
    home = Home(tmp_path)
    home.stores_file.write_text(STORES)
    assert pull_and_tell(home)
    assert capfd.readouterr().out == ""
    assert pull_and_tell(home, tell_none=True)
    assert capfd.readouterr().out == (
        f"No feed is pulled from a source: url_env of a feed in {home.stores_file} names one "
        "(see docs/operations.md)\n"
    )


def test_a_pull_for_a_store_that_is_none_names_those_there_are(tmp_path: Path) -> None:
    """It was told to be pulled from no source, as a store of files is."""
    home = Home(tmp_path)
    home.stores_file.write_text(STORES)
    with pytest.raises(ConfigurationError) as caught:
        pull_and_tell(home, "shoop")
    assert str(caught.value) == "there is no store 'shoop'. Known stores: shop"
    with pytest.raises(ConfigurationError, match="shop/any feed is pulled from no source"):
        pull_and_tell(home, "shop")
