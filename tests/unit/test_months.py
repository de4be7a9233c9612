"""Days and months: which there are."""

from datetime import UTC, date, datetime

from ecom_assets.months import fault_of_range, present_day, present_month


def test_a_month_begins_where_the_day_begins_first() -> None:
    """On 1 December in Auckland a file of that day was refused as one of a later month."""
    assert present_month(datetime(2026, 11, 30, 9, tzinfo=UTC)) == "2026-11"
    assert present_month(datetime(2026, 11, 30, 10, tzinfo=UTC)) == "2026-12"


def test_a_day_begins_where_it_begins_first() -> None:
    assert present_day(datetime(2026, 11, 30, 9, 59, tzinfo=UTC)) == date(2026, 11, 30)
    assert present_day(datetime(2026, 11, 30, 10, tzinfo=UTC)) == date(2026, 12, 1)


def test_months_of_a_command_and_of_a_run_are_judged_by_one_rule() -> None:
    """It was worded twice, and a run was told otherwise than `ecom run`."""
    reversed_ = {"--from": "2011-09", "--to": "2011-08"}
    assert fault_of_range(reversed_) == "--from 2011-09 comes after --to 2011-08"
    assert fault_of_range({"--to": "2011-8"}) == "--to wants a month like 2010-12, not '2011-8'"
    assert str(fault_of_range({"to": "1994-12-01"}, "-01")).startswith(
        "to 1994-12-01: months go from 1995-01-01 to the present, "
    )
    assert fault_of_range({"--to": "2011-13"}) == "--to wants a month like 2010-12, not '2011-13'"
    assert fault_of_range({}) is None
    assert fault_of_range({"--from": "1995-01", "--to": "1995-01"}) is None


def test_the_present_month_is_the_last_one() -> None:
    present = present_month(datetime.now(UTC))
    assert fault_of_range({"--from": "2011-08", "--to": present}) is None
    wanted = f"--to 9999-12: months go from 1995-01 to the present, {present}"
    assert fault_of_range({"--to": "9999-12"}) == wanted
