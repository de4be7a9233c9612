"""From messages to rows: the order, the key, what is not said, and of which row it is known."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.sources.changes.change_rows import ChangeReader, ChangeRow, Emptied
from ecom_assets.sources.changes.pgoutput import UNCHANGED, Message, decode
from tests.unit.sources import pgoutput_messages as sent

SINCE = datetime(2026, 3, 29, 1, tzinfo=UTC)
THINGS = sent.relation([("id", 23), ("name", 25), ("flag", 16)], ["id"])


def read(*data: bytes) -> list[ChangeRow | Emptied]:
    messages: Iterable[Message] = filter(None, map(decode, (sent.begin(0x28, SINCE), *data)))
    reader = ChangeReader(sent.TABLE, "t", ["id"], {900: 16}, SINCE)
    return [row for row in reader.read(messages) if isinstance(row, ChangeRow | Emptied)]


def brief(rows: list[ChangeRow | Emptied]) -> list[tuple[object, ...]]:
    return [
        (*row.values.values(), row.is_deleted, row.was)
        for row in rows
        if isinstance(row, ChangeRow)
    ]


def test_rows_are_numbered_through_all_transactions() -> None:
    found = read(THINGS, sent.insert("1", "a", "t"), sent.commit(0x28), sent.begin(0x90, SINCE),
                 sent.insert("2", None, "f"))  # fmt: skip
    assert [(row.number, row.lsn) for row in found] == [
        (1, "00000000/00000028"),
        (2, "00000000/00000090"),
    ]
    assert brief(found) == [
        ("1", "a", "true", False, (("1",), 0)),
        ("2", None, "false", False, (("2",), 0)),
    ]


def test_changes_of_other_tables_are_passed_over() -> None:
    other = sent.relation([("x", 25)], [], oid=7)
    assert read(other, sent.insert("1", oid=7), sent.truncate(7)) == []


def test_of_a_row_that_is_gone_only_the_key_is_said() -> None:
    (row,) = read(THINGS, sent.delete("1", None, None))
    assert isinstance(row, ChangeRow)
    assert (row.unknown, row.is_deleted) == (("name", "flag"), True)


def test_an_old_row_that_is_whole_says_what_stayed() -> None:
    (row,) = read(THINGS, sent.update("1", UNCHANGED, "t", old=("1", "long", "f"), mark=b"O"))
    assert isinstance(row, ChangeRow)
    assert (row.values["name"], row.unknown) == ("long", ())


def test_a_row_is_known_by_the_keys_it_had_however_often_it_changes() -> None:
    found = read(
        THINGS,
        sent.update("2", UNCHANGED, "t", old=("1", None, None)),
        sent.update("3", UNCHANGED, "t", old=("2", None, None)),
        sent.insert("1", "new", "t"),
        sent.update("3", UNCHANGED, "f"),
        sent.update("1", UNCHANGED, "f"),
    )
    first, again = (("1",), 0), (("1",), 1)
    assert [(key, gone, was) for key, _, _, gone, was in brief(found)] == [
        ("1", True, first),
        ("2", False, first),
        ("2", True, first),
        ("3", False, first),
        ("1", False, again),
        ("3", False, first),
        ("1", False, again),
    ]


def test_a_clock_that_is_set_back_does_not_set_back_the_order_of_events() -> None:
    """A change dated before the snapshot would count as older than it."""
    hour = timedelta(hours=1)
    found = read(
        THINGS,
        *(sent.begin(0x90, SINCE - hour), sent.insert("1", "a", "t")),
        *(sent.begin(0xA0, SINCE + hour), sent.insert("1", "b", "t")),
        *(sent.begin(0xB0, SINCE), sent.truncate(sent.TABLE)),
    )
    assert [row.committed_at for row in found] == [SINCE, SINCE + hour, SINCE + hour]


@pytest.mark.parametrize(
    ("kind", "text", "cast"),
    [
        (16, "t", "true"),
        (900, "f", "false"),
        (1042, "ab  ", "ab"),
        (869, "10.0.0.1", "10.0.0.1/32"),
        (869, "::1", "::1/128"),
        (869, "10.0.0.0/8", "10.0.0.0/8"),
        (25, "t", "t"),
    ],
)
def test_a_value_is_the_text_that_its_cast_is(kind: int, text: str, cast: str) -> None:
    (row,) = read(sent.relation([("id", 23), ("v", kind)], ["id"]), sent.insert("1", text))
    assert isinstance(row, ChangeRow)
    assert row.values["v"] == cast


def test_changes_that_do_not_tell_the_key_are_refused() -> None:
    with pytest.raises(SourceError, match="do not tell id of rows that are gone: alter table t"):
        read(sent.relation([("id", 23), ("name", 25)], ["name"]))
