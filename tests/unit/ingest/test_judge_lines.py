"""Judging delivered lines against their feed: types, required columns, rules, the clock."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_assets.feeds import Feed
from ecom_assets.ingest.cast import TAKE_AWAY, is_dressed_sql
from ecom_assets.ingest.judge_lines import clock_sql, lines_sql, local_columns, typed_lines_sql
from ecom_assets.ingest.reject import reject_lines_sql
from tests.unit.ingest.csv_files import FEED, HEADER, read

Scratch = duckdb.DuckDBPyConnection


def feed_of(type_name: str, **changes: object) -> Feed:
    """A feed of one column ``x``."""
    column = {"name": "x", "header": "X", "type": type_name, **changes}
    return Feed.model_validate(FEED.model_dump(by_alias=True) | {"columns": [column]})


def judge_texts(
    scratch: Scratch, feed: Feed, texts: Sequence[str | None], zone: str = "Europe/London"
) -> list[tuple[object, list[dict[str, str]]]]:
    """Returns value and faults of texts delivered in the one column of a feed, in their order."""
    scratch.execute("create or replace temp table delivered (file_no int, source_row int, d0 text)")
    scratch.executemany("insert into delivered values (0, ?, ?)", list(enumerate(texts)))
    if local_columns(feed):
        scratch.execute(clock_sql(feed, zone))
    scratch.execute(typed_lines_sql(feed, "GBP"))
    told = "list_transform(faults, lambda f: {'rule': f.rule, 'reason': f.reason})"
    return scratch.execute(f"select x, {told} from typed order by source_row").fetchall()


def judged(scratch: Scratch, feed: Feed, text: str | None) -> tuple[object, list[dict[str, str]]]:
    return judge_texts(scratch, feed, [text])[0]


def value_of(scratch: Scratch, feed: Feed, text: str) -> object:
    value, faults = judged(scratch, feed, text)
    assert faults == []
    return value


# Words for nothing


def test_a_word_for_nothing_is_a_missing_value(scratch: Scratch) -> None:
    feed = feed_of("money").model_copy(update={"nulls": ("ERROR", "N/A")})
    assert judge_texts(scratch, feed, ["ERROR", " N/A ", "1"]) == [(None, []), (None, []), (1, [])]
    assert judged(scratch, feed, "error")[1][0]["reason"] == "X: error is no " + MONEY
    required = feed_of("money", required=True).model_copy(update={"nulls": ("ERROR",)})
    assert judged(scratch, required, "ERROR")[1][0]["reason"] == "X is missing"


# Numbers


MONEY = "amount with at most 14 digits and 4 decimals"


def of_mark(text: str, mark: str) -> str:
    """What is said of a text with the other mark than the feed's, or with what no cast reads."""
    other = "." if mark == "," else ","
    told = [f"the feed's decimal mark is '{mark}'"] if other in text else []
    unread = {"1 000": "separators of thousands", "1,000": "separators of thousands"}
    unread["£5"] = "signs of currencies"
    told += [f"{unread[text]} are not read: {TAKE_AWAY}"] if text in unread else []
    return f": {', and '.join(told)}" if told else ""


GROUPS = "separators of thousands"
SIGNS = "signs of currencies"


@pytest.mark.parametrize(
    ("mark", "text", "causes"),
    [
        *((".", text, [GROUPS]) for text in ("1,000.50", "-1,234,567.", "1 299.90", "1'299.90")),
        *(
            (",", text, [GROUPS])
            for text in ("1 299,90", "1\u202f299,90", "1\xa0299", "1\u2019299,90")
        ),
        *(
            (".", text, [SIGNS])
            for text in ("$10.00", "-£5", "10.00 EUR", "10 €", "CHF 10", "€ -1")
        ),
        *(((".", "$1,000.50", [SIGNS, GROUPS]), (",", "1 299,90 €", [SIGNS, GROUPS]))),
        *(((".", "10,00 €", ["mark", SIGNS]), (".", "1 299,90", ["mark", GROUPS]))),
        *(((".", "1,000", ["mark", GROUPS]), (",", "$10.00", ["mark", SIGNS]))),
        *((".", text, []) for text in ("$", "INF", "1000 1", "EUR", "12 345 6", "AB1 200")),
    ],
)
def test_why_a_number_as_people_write_it_is_not_read_is_told(
    scratch: Scratch, mark: str, text: str, causes: list[str]
) -> None:
    """Of 1,000.50 it said only that the decimal mark is the point, of $10.00 nothing."""
    feed = feed_of("money").model_copy(update={"decimal_mark": mark})
    told = [f"the feed's decimal mark is '{mark}'"] if "mark" in causes else []
    unread = " and ".join(cause for cause in causes if cause != "mark")
    told += [f"{unread} are not read: {TAKE_AWAY}"] if unread else []
    why = f": {', and '.join(told)}" if told else ""
    value, faults = judged(scratch, feed, text)
    assert (value, faults[0]["reason"]) == (None, f"X: {text} is no {MONEY}{why}")


@pytest.mark.parametrize(
    ("mark", "text", "is_one"),
    [
        *((".", text, True) for text in ("$1", "1,000.50", "1 000")),
        *((",", text, True) for text in ("1 000,50", "1 €")),
        *((".", text, False) for text in ("1000.50", "12,50", "$", "two")),
        *((",", text, False) for text in ("1.000,50", "1,000.50")),
    ],
)
def test_a_number_as_people_write_it_is_known(
    scratch: Scratch, mark: str, text: str, is_one: bool
) -> None:
    row = scratch.execute(f"select {is_dressed_sql('x', mark)} from (select ? as x)", [text])
    assert row.fetchone() == (is_one,)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.234,50", "1234.50"), ("1234,5", "1234.5"), ("12", "12"), ("-0,05", "-0.05"), ("3,", "3")],
)
def test_decimals_may_stand_behind_a_comma(scratch: Scratch, text: str, value: str) -> None:
    feed = feed_of("money").model_copy(update={"decimal_mark": ","})
    assert value_of(scratch, feed, text) == Decimal(value)


@pytest.mark.parametrize("text", ["1234.50", "1,234.50", "1.23,4", ".5", "1,2,3", "1.2345,6"])
def test_marks_elsewhere_are_no_number(scratch: Scratch, text: str) -> None:
    """12.50 read with points as grouping would be 1250; why it is no number was not said."""
    feed = feed_of("money").model_copy(update={"decimal_mark": ","})
    reason = f"X: {text} is no {MONEY}{of_mark(text, ',')}"
    assert judged(scratch, feed, text)[1][0]["reason"] == reason


@pytest.mark.parametrize(
    ("text", "value"),
    [("6", 6), ("6.0", 6), ("6.", 6), ("-6.000", -6), ("+6", 6), (" 6 ", 6), ("007", 7), ("-0", 0)],
)
def test_a_whole_number_may_be_written_like_a_decimal(
    scratch: Scratch, text: str, value: int
) -> None:
    assert value_of(scratch, feed_of("integer"), text) == value


@pytest.mark.parametrize(
    "text",
    ["6.5", "0x10", "1_000", "1e3", "six", "٣", "1 000", "1,000", "99999999999999999999", "-"],
)
def test_what_is_no_whole_number_is_said_to_be_none(scratch: Scratch, text: str) -> None:
    assert judged(scratch, feed_of("integer"), text) == (
        None,
        [{"rule": "type", "reason": f"X: {text} is no whole number{of_mark(text, '.')}"}],
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.55", "2.55"),
        ("-11062.06", "-11062.06"),
        ("0", "0"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("12.340000000000001", "12.34"),
        ("12.340000001", "12.34"),
        ("0.30000000000000004", "0.3"),
        ("4.949999999999999", "4.95"),
    ],
)
def test_money_is_exact_but_for_the_noise_of_binary_floats(
    scratch: Scratch, text: str, value: str
) -> None:
    assert value_of(scratch, feed_of("money"), text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "1.23456",
        "0.00001",
        "12.34000001",
        "1_000.5",
        "0x1F",
        "nan",
        "inf",
        "1,5",
        "£5",
        "100000000000000",
        "1e15",
        "--1",
        "1.2.3",
        ".",
    ],
)
def test_what_is_no_exact_amount_is_said_to_be_none(scratch: Scratch, text: str) -> None:
    value, (fault,) = judged(scratch, feed_of("money"), text)
    assert value is None
    wanted = f"no amount with at most 14 digits and 4 decimals{of_mark(text, '.')}"
    assert fault["reason"] == f"X: {text} is {wanted}"


def test_a_plain_decimal_keeps_ten_places(scratch: Scratch) -> None:
    feed = feed_of("decimal")
    assert value_of(scratch, feed, "1.0123456789") == Decimal("1.0123456789")
    assert judged(scratch, feed, "1_0")[1][0]["reason"] == "X: 1_0 is no number"


# Texts and missing values


def test_a_text_is_kept_as_it_was_delivered(scratch: Scratch) -> None:
    assert value_of(scratch, feed_of("text"), "  HEART  ") == "  HEART  "


@pytest.mark.parametrize("type_name", ["text", "integer", "money", "date", "local_timestamp"])
@pytest.mark.parametrize("text", [None, "", "   "])
def test_a_blank_is_a_missing_value(scratch: Scratch, type_name: str, text: str | None) -> None:
    assert judged(scratch, feed_of(type_name), text) == (None, [])
    assert judged(scratch, feed_of(type_name, required=True), text) == (
        None,
        [{"rule": "required", "reason": "X is missing"}],
    )


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize(
    ("type_name", "text"),
    [
        ("integer", "12"),
        ("money", "12"),
        ("decimal", "7"),
        ("date", "2011-08-07"),
        ("timestamp", "2011-08-07 10:24"),
        ("timestamp", "2011-08-07T10:24:00Z"),
        ("timestamp", "2011-08-07T10:24:00+02"),
        ("local_timestamp", "2011-08-07 10:24:00"),
    ],
)
def test_spaces_around_a_value_are_no_part_of_it(
    scratch: Scratch, type_name: str, text: str, mark: str
) -> None:
    """Texts are trimmed only where they are no value as they stand."""
    feed = feed_of(type_name).model_copy(update={"decimal_mark": mark})
    texts = [text, f" {text}", f"{text}  ", f"\u3000{text}\u00a0"]
    rows = judge_texts(scratch, feed, texts)
    assert {repr(row) for row in rows} == {repr((value_of(scratch, feed, text), []))}


@pytest.mark.parametrize("text", ["~", "!", "~~", "\x7f", "\t", "é", " x", "\u3000x"])
def test_a_text_is_no_blank_whatever_it_begins_with(scratch: Scratch, text: str) -> None:
    """Only those that begin with a plain character are known to be none without a look."""
    assert value_of(scratch, feed_of("text", required=True), text) == text


@pytest.mark.parametrize("text", ["2011-08-07 10:24Z", "2011-08-07Z", "2011-08-07T10:24:00 Z"])
def test_only_a_whole_time_is_told_to_be_in_utc(scratch: Scratch, text: str) -> None:
    assert judged(scratch, feed_of("timestamp"), text)[1][0]["rule"] == "type"


def test_a_long_text_is_shown_in_part(scratch: Scratch) -> None:
    _, (fault,) = judged(scratch, feed_of("integer"), "y" * 1000)
    assert fault["reason"] == f"X: {'y' * 80} is no whole number"


# Days and times


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2011-08-07", "2011-08-07"),
        ("2011-8-7", "2011-08-07"),
        ("2011-08-07 00:00:00", "2011-08-07"),
    ],
)
def test_a_day_is_iso_8601(scratch: Scratch, text: str, value: str) -> None:
    assert f"{value_of(scratch, feed_of('date'), text)}" == value


@pytest.mark.parametrize(
    "text",
    [
        "2011-02-30",
        "07/08/2011",
        "infinity",
        "epoch",
        "20111-08-07",
        "20110807",
        "today",
        "2011-08-07T10:00:00",
    ],
)
def test_what_is_no_day_is_said_to_be_none(scratch: Scratch, text: str) -> None:
    """DuckDB takes infinity, epoch and five-digit years, which no calendar table survives."""
    value, (fault,) = judged(scratch, feed_of("date"), text)
    assert (value, fault["reason"]) == (None, f"X: {text} is no date of the format YYYY-MM-DD")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2011-08-07 10:24:00", "2011-08-07 10:24:00"),
        ("2011-08-07 10:24", "2011-08-07 10:24:00"),
        ("2011-08-07", "2011-08-07 00:00:00"),
        ("2011-08-07T10:24:00Z", "2011-08-07 10:24:00"),
        ("2011-08-07T10:24:00+0530", "2011-08-07 04:54:00"),
        ("2011-08-07 10:24:00+02", "2011-08-07 08:24:00"),
        ("2011-08-07T10:24:00.5-05:30", "2011-08-07 15:54:00.500000"),
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise(scratch: Scratch, text: str, value: str) -> None:
    """DuckDB drops the offset when it casts to timestamp: such times were hours off."""
    assert f"{value_of(scratch, feed_of('timestamp'), text)}" == value


@pytest.mark.parametrize(
    "text", ["2011-08-07 25:00:00", "-infinity", "epoch", "2011-08-07 10", "2011-08-07 10:24 CET"]
)
def test_what_is_no_time_is_said_to_be_none(scratch: Scratch, text: str) -> None:
    value, (fault,) = judged(scratch, feed_of("timestamp"), text)
    assert (value, fault["reason"]) == (
        None,
        f"X: {text} is no time of the format YYYY-MM-DD HH:MM:SS",
    )


def test_a_local_time_with_an_offset_is_no_local_time(scratch: Scratch) -> None:
    """The offset was dropped, and the store's own taken instead."""
    _, (fault,) = judged(scratch, feed_of("local_timestamp"), "2011-08-07 10:24:00+02")
    assert (
        fault["reason"]
        == "X: 2011-08-07 10:24:00+02 is no local time of the format YYYY-MM-DD HH:MM:SS"
    )


@pytest.mark.parametrize(
    ("type_name", "text", "value"),
    [
        ("timestamp", "12/1/2010 8:26", "2010-12-01 08:26:00"),
        ("timestamp", "  12/1/2010 8:26 ", "2010-12-01 08:26:00"),
        ("local_timestamp", "8/7/2011 8:26", "2011-08-07 07:26:00"),
        ("date", "8/7/2011 8:26", "2011-08-07"),
    ],
)
def test_a_feed_may_have_a_format_of_its_own(
    scratch: Scratch, type_name: str, text: str, value: str
) -> None:
    feed = feed_of(type_name, format="%m/%d/%Y %H:%M")
    assert f"{value_of(scratch, feed, text)}" == value


def test_an_offset_in_a_format_counts_whatever_the_clock_of_this_machine(scratch: Scratch) -> None:
    feed = feed_of("timestamp", format="%Y-%m-%d %H:%M %z")
    scratch.execute("set timezone = 'Asia/Tokyo'")
    assert f"{value_of(scratch, feed, '2011-08-07 10:24 +0200')}" == "2011-08-07 08:24:00"
    scratch.execute("reset timezone")


@pytest.mark.parametrize("text", ["infinity", "epoch", "2010-12-01", "13/13/2010 8:26"])
def test_a_format_takes_nothing_else(scratch: Scratch, text: str) -> None:
    feed = feed_of("timestamp", format="%m/%d/%Y %H:%M")
    assert judged(scratch, feed, text)[0] is None
    assert judged(scratch, feed, text)[1][0]["rule"] == "type"


# The store's clock


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/London", "2011-08-07 10:24:30.25", "2011-08-07 09:24:30.250000"),
        ("Europe/London", "2011-10-30 01:30:00", "2011-10-30 00:30:00"),
        ("Europe/London", "2011-03-27 01:30:00", "2011-03-27 01:30:00"),
        ("Australia/Lord_Howe", "2011-04-03 01:45:00", "2011-04-02 14:45:00"),
        ("Australia/Lord_Howe", "2011-10-02 02:15:00", "2011-10-01 15:45:00"),
        ("America/St_Johns", "2011-11-05 23:30:00", "2011-11-06 02:00:00"),
        ("America/St_Johns", "2011-03-13 00:31:00", "2011-03-13 04:01:00"),
        ("Asia/Kathmandu", "2011-08-07 10:24:00", "2011-08-07 04:39:00"),
    ],
)
def test_a_time_that_occurs_twice_is_the_first_and_one_that_never_occurs_keeps_the_old_offset(
    scratch: Scratch, zone: str, local: str, utc: str
) -> None:
    ((value, faults),) = judge_texts(scratch, feed_of("local_timestamp"), [local], zone)
    assert (f"{value}", faults) == (utc, [])


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/London",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "America/Sao_Paulo",
        "Africa/Casablanca",
        "Asia/Tehran",
        "Pacific/Apia",
    ],
)
def test_the_clock_agrees_with_the_zone_database_around_every_change(
    scratch: Scratch, zone: str
) -> None:
    moments = list(around_changes(ZoneInfo(zone)))
    values = judge_texts(scratch, feed_of("local_timestamp"), [f"{m}" for m in moments], zone)
    expected = [
        m.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for m in moments
    ]
    assert [value for value, _ in values] == expected


def around_changes(zone: ZoneInfo) -> Iterable[datetime]:
    """Every quarter of an hour within two of a change of the zone's offset, from 2005 to 2012."""
    hours = (datetime(2005, 1, 1, tzinfo=UTC) + timedelta(hours=no) for no in range(8 * 8766))
    offset = timedelta()
    for hour in hours:
        if (new := hour.astimezone(zone).utcoffset() or timedelta()) != offset:
            local = hour.astimezone(zone).replace(tzinfo=None)
            yield from (local + timedelta(minutes=m) for m in range(-120, 120, 15))
            offset = new


def test_a_feed_without_local_times_needs_no_clock(scratch: Scratch) -> None:
    scratch.execute("drop table if exists clock")
    assert value_of(scratch, feed_of("timestamp"), "2011-08-07") == datetime(2011, 8, 7)  # noqa: DTZ001


# Rules of the feed

RULED = {
    "derived": {"doubled": "x * 2"},
    "rules": [
        {"name": "small", "sql": "doubled < 100", "reason": "it's too large"},
        {"name": "even", "sql": "x % 2 = 0", "reason": "it is odd"},
    ],
}


@pytest.mark.parametrize(
    ("text", "rules"),
    [("2", []), ("3", ["even"]), ("51", ["small", "even"]), ("", ["small", "even"])],
)
def test_a_rule_that_is_false_or_null_rejects_a_line(
    scratch: Scratch, text: str, rules: list[str]
) -> None:
    feed = Feed.model_validate(feed_of("integer").model_dump(by_alias=True) | RULED)
    _, faults = judged(scratch, feed, text)
    assert [fault["rule"] for fault in faults] == rules


def test_a_line_of_the_wrong_type_is_not_judged_by_rules_as_well(scratch: Scratch) -> None:
    feed = Feed.model_validate(feed_of("integer").model_dump(by_alias=True) | RULED)
    assert [fault["rule"] for fault in judged(scratch, feed, "x")[1]] == ["type"]


def test_what_cannot_be_computed_rejects_its_line_alone(scratch: Scratch) -> None:
    derived = {"derived": {"doubled": "x * 2", "many": "x * 9000000000000000000"}}
    feed = Feed.model_validate(feed_of("integer").model_dump(by_alias=True) | derived)
    fault = {"rule": "expression_error", "reason": "many cannot be computed"}
    assert judge_texts(scratch, feed, ["1", "2"]) == [(1, []), (2, [fault])]


def test_two_local_times_of_a_line_are_read_by_one_clock(scratch: Scratch) -> None:
    columns = [
        {"name": name, "header": name.upper(), "type": "local_timestamp"} for name in ("x", "y")
    ]
    feed = Feed.model_validate(FEED.model_dump(by_alias=True) | {"columns": columns})
    scratch.execute(
        "create or replace temp table delivered as select 0 as file_no, 1 as source_row, "
        "'2011-08-07 10:24' as d0, '2011-12-07 10:25' as d1"
    )
    scratch.execute(clock_sql(feed, "Europe/London"))
    scratch.execute(typed_lines_sql(feed, "GBP"))
    told = scratch.execute("select cast(x as text), cast(y as text) from typed").fetchall()
    assert told == [("2011-08-07 09:24:00", "2011-12-07 10:25:00")]


def test_a_day_is_completed_by_the_column_with_its_time(scratch: Scratch) -> None:
    """On the store's clock: on the day that the clocks change, 9:01 is still 9:01."""
    day = {"name": "x", "header": "X", "type": "local_timestamp", "time": "at"}
    columns = [day, {"name": "at", "header": "At"}]
    feed = Feed.model_validate(FEED.model_dump(by_alias=True) | {"columns": columns})
    rows = [("2025-03-30", "9:01"), ("2025-03-30", ""), (None, "9:01"), ("2025-03-30", "25:00")]
    scratch.execute("create or replace temp table delivered (file_no int, d0 text, d1 text)")
    scratch.executemany("insert into delivered values (0, ?, ?)", rows)
    scratch.execute(
        "create or replace temp table delivered as select *, rowid as source_row from delivered"
    )
    scratch.execute(clock_sql(feed, "Europe/Berlin"))
    scratch.execute(typed_lines_sql(feed, "EUR"))
    told = scratch.execute(
        "select cast(x as text), faults[1].reason from typed order by source_row"
    ).fetchall()
    assert told[:3] == [("2025-03-30 07:01:00", None), ("2025-03-29 23:00:00", None), (None, None)]
    assert told[3][1] == "At: 25:00 is no time of day"


@pytest.mark.parametrize("text", ["GBP", " gbp ", ""])
def test_amounts_in_the_currency_of_the_store_are_accepted(scratch: Scratch, text: str) -> None:
    feed = feed_of("text").model_copy(update={"currency": "x"})
    assert judged(scratch, feed, text)[1] == []


def test_amounts_in_another_currency_are_told_with_both(scratch: Scratch) -> None:
    feed = feed_of("text").model_copy(update={"currency": "x"})
    reason = "the amounts are in EUR, those of the store in GBP"
    assert judged(scratch, feed, "eur")[1] == [{"rule": "other_currency", "reason": reason}]


# Lines of a document

DOCUMENTS = Feed.model_validate(FEED.model_dump(by_alias=True) | {"document": "id"})


def numbered(
    scratch: Scratch, folder: Path, lines: Sequence[str], feed: Feed = DOCUMENTS
) -> list[tuple[str, str, int, bool]]:
    """Returns id, text, line number and is_duplicate of all accepted lines, by row."""
    read(scratch, folder, HEADER + "".join(f"{line}\n" for line in lines), feed)
    if local_columns(feed):
        scratch.execute(clock_sql(feed, "UTC"))
    scratch.execute(typed_lines_sql(feed, "GBP"))
    scratch.execute(reject_lines_sql(feed))
    scratch.execute(lines_sql(feed))
    return scratch.execute(
        "select id, text, line_number, is_duplicate from lines order by source_row"
    ).fetchall()


def test_lines_of_a_document_are_numbered_by_their_text(scratch: Scratch, tmp_path: Path) -> None:
    assert numbered(scratch, tmp_path, ["1,pen,2,", "2,cup,1,", "1,cup,3,"]) == [
        ("1", "pen", 2, False),
        ("2", "cup", 1, False),
        ("1", "cup", 1, False),
    ]


def test_the_second_of_two_equal_lines_is_a_duplicate(scratch: Scratch, tmp_path: Path) -> None:
    lines = ["1,pen,2,", "1,cup,3,", "1,pen,2,", "2,pen,2,", "1,pen,2.0,"]
    assert [row[2:] for row in numbered(scratch, tmp_path, lines)] == [
        (2, False),
        (1, False),
        (3, True),
        (1, False),
        (4, False),
    ]


def test_a_missing_value_is_numbered_before_every_other(scratch: Scratch, tmp_path: Path) -> None:
    assert [row[2] for row in numbered(scratch, tmp_path, ["1,pen,2,a", "1,pen,2,"])] == [2, 1]


def test_a_rejected_line_has_no_number(scratch: Scratch, tmp_path: Path) -> None:
    assert numbered(scratch, tmp_path, ["1,axe,x,", "1,pen,2,"]) == [("1", "pen", 1, False)]


def test_lines_without_a_document_stand_for_themselves(scratch: Scratch, tmp_path: Path) -> None:
    rows = numbered(scratch, tmp_path, ["1,pen,2,", "1,pen,2,"], FEED)
    assert [row[2:] for row in rows] == [(1, False), (1, False)]


LINES = st.lists(
    st.tuples(st.sampled_from("12"), st.sampled_from(["pen", "cup", "p n"]), st.sampled_from("12")),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=LINES.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_the_order_of_lines_in_a_file_changes_nothing(
    scratch: Scratch, tmp_path: Path, lines: tuple[list[tuple[str, ...]], list[tuple[str, ...]]]
) -> None:
    one, other = (
        numbered(scratch, tmp_path, [",".join([*line, ""]) for line in order]) for order in lines
    )
    assert sorted(one) == sorted(other)


def test_the_earliest_time_dates_a_whole_document(scratch: Scratch, tmp_path: Path) -> None:
    columns = [c.model_dump() for c in FEED.columns[:3]]
    time = {"name": "at", "header": "Note", "type": "local_timestamp"}
    changes = {"columns": [*columns, time], "document": "id", "document_time": "at"}
    feed = Feed.model_validate(FEED.model_dump(by_alias=True) | changes)
    numbered(scratch, tmp_path, [f"1,pen,2,2011-08-07 10:{m}:00" for m in (25, 24)], feed)
    rows = scratch.execute("select distinct document_id, cast(document_at as text) from lines")
    assert rows.fetchall() == [("1", "2011-08-07 10:24:00")]
