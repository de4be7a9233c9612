"""Numbers of a workbook as text: days, times, and numbers that are neither."""

import pytest

from ecom_assets.ingest.cell_text import CellFormats, number_text

DAY, OWN, PLAIN = 0, 1, 2
FORMATS = CellFormats((14, 164, 0), {164: "hh:mm"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5", "5"),
        ("007", "007"),
        ("5.0", "5"),
        ("-0.5", "-0.5"),
        ("0.10000000000000001", "0.1"),
        ("1.5E3", "1500"),
        ("1E-7", "1e-07"),
        ("12345678901234567", "12345678901234568"),
        ("no number", "no number"),
    ],
)
def test_a_number_has_one_text(value: str, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("46110", "2026-03-29"),
        ("46110.5", "2026-03-29 12:00:00"),
        ("46110.104340277778", "2026-03-29 02:30:15"),
        ("46110.999999999", "2026-03-30 00:00:00"),
        ("0.4375", "10:30:00"),
        ("61", "1900-03-01"),
        ("59", "1900-02-28"),
        ("1", "1900-01-01"),
        ("-1", None),
        ("3000000", None),
    ],
)
def test_a_day_is_counted_from_1900_with_the_leap_day_there_was_not(
    value: str, text: str | None
) -> None:
    assert FORMATS.moment(DAY, value) == text


def test_a_workbook_may_count_its_days_from_1904() -> None:
    formats = CellFormats((14,), {}, is_1904=True)
    assert formats.moment(0, "0.5") == "12:00:00"
    assert formats.moment(0, "44648") == "2026-03-29"


def test_the_format_tells_days_from_numbers() -> None:
    assert FORMATS.moment(OWN, "0.4375") == "10:30:00"
    assert FORMATS.moment(PLAIN, "46110") is None
