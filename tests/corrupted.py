"""The sample week as a shop might really deliver it: six of its seven files are damaged.

What has to come of it is told by ``tests/integration/ingest/test_corrupted_week.py``.
"""

from pathlib import Path

from tests.harness.files import SAMPLE_WEEK

TRUNCATED_ROW = 100
WRONG_TYPE_ROW = 200
TWO_CUSTOMERS_ROW = 165
DOCUMENT_ROWS = range(163, 170)


def corrupted_week() -> dict[str, bytes]:
    """Returns the damaged files by name.

    - 7 August: a line is cut off within its third column.
    - 8 August: a quantity is a word.
    - 9 August: every line has a column that the feed does not know.
    - 10 August: one line of invoice 562851 names another customer than the other six.
    - 11 August: the file is empty.
    - 12 August: the file is in UTF-16.
    - 14 August: the file is whole.
    """
    return SAMPLE_WEEK | {
        "2011-08-07.csv": _cut("2011-08-07.csv", TRUNCATED_ROW, b"562571,23111,PARIS"),
        "2011-08-08.csv": _replaced("2011-08-08.csv", WRONG_TYPE_ROW, b",12,", b",twelve,"),
        "2011-08-09.csv": _widened("2011-08-09.csv", b"Warehouse", b"Leeds"),
        "2011-08-10.csv": _replaced("2011-08-10.csv", TWO_CUSTOMERS_ROW, b"13117.0", b"12345.0"),
        "2011-08-11.csv": b"",
        "2011-08-12.csv": SAMPLE_WEEK["2011-08-12.csv"].decode().encode("utf-16"),
    }


def deliver_corrupted_week(inbox: Path) -> None:
    """Puts the damaged files into a feed's inbox, in place of the whole ones."""
    inbox.mkdir(parents=True, exist_ok=True)
    for name, content in corrupted_week().items():
        (inbox / name).write_bytes(content)


def _cut(name: str, row: int, rest: bytes) -> bytes:
    lines = SAMPLE_WEEK[name].splitlines()
    assert lines[row - 1].startswith(rest)
    return _file([*lines[: row - 1], rest, *lines[row:]])


def _replaced(name: str, row: int, old: bytes, new: bytes) -> bytes:
    lines = SAMPLE_WEEK[name].splitlines()
    assert old in lines[row - 1]
    return _file([*lines[: row - 1], lines[row - 1].replace(old, new), *lines[row:]])


def _widened(name: str, header: bytes, value: bytes) -> bytes:
    first, *lines = SAMPLE_WEEK[name].splitlines()
    return _file([first + b"," + header, *(line + b"," + value for line in lines)])


def _file(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
