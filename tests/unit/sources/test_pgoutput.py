"""Messages of pgoutput: what each says, and that half of one is not taken for a whole."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_assets.sources.changes.pgoutput import (
    UNCHANGED,
    Begin,
    Column,
    Commit,
    Delete,
    Insert,
    Message,
    Relation,
    Truncate,
    Update,
    Value,
    decode,
)
from tests.unit.sources import pgoutput_messages as sent

AT = datetime(2026, 3, 29, 1, 2, 3, 456789, tzinfo=UTC)
COLUMNS = (("id", 23), ("näme", 25))
MESSAGES: list[tuple[bytes, Message]] = [
    (sent.begin(0x1_0000_0028, AT), Begin(0x1_0000_0028, AT)),
    (sent.commit(0x28), Commit()),
    (
        sent.relation(COLUMNS, ["id"]),
        Relation(sent.TABLE, (Column("id", 23, True), Column("näme", 25, False))),
    ),
    (sent.insert("1", None), Insert(sent.TABLE, ("1", None))),
    (sent.update("1", UNCHANGED), Update(sent.TABLE, ("1", UNCHANGED))),
    (
        sent.update("2", "", old=("1", None)),
        Update(sent.TABLE, ("2", ""), ("1", None), is_old_whole=False),
    ),
    (
        sent.update("2", "b", old=("1", "a"), mark=b"O"),
        Update(sent.TABLE, ("2", "b"), ("1", "a"), is_old_whole=True),
    ),
    (sent.delete("1", None), Delete(sent.TABLE, ("1", None), is_old_whole=False)),
    (sent.delete("1", "a", mark=b"O"), Delete(sent.TABLE, ("1", "a"), is_old_whole=True)),
    (sent.truncate(sent.TABLE, 7), Truncate((sent.TABLE, 7))),
]


@pytest.mark.parametrize(("data", "message"), MESSAGES)
def test_a_message_says_what_was_sent(data: bytes, message: Message) -> None:
    assert decode(data) == message


# A transaction as PostgreSQL 15.18 sent it, of t (id int primary key, name text, price
# numeric(8, 2)): insert (1, 'pen', null), set id = 9, delete, truncate.
CAPTURED = {
    "420000000001926ef80003042591b8ecee000002da": Begin(
        0x1926EF8, datetime(2026, 11, 26, 4, 58, 55, 248_622, tzinfo=UTC)
    ),
    "52000040037075626c69630074006400030169640000000017ffffffff006e616d650000000019ffffffff"
    "00707269636500000006a400080006": Relation(
        16_387,
        (Column("id", 23, True), Column("name", 25, False), Column("price", 1700, False)),
    ),
    "49000040034e0003740000000131740000000370656e6e": Insert(16_387, ("1", "pen", None)),
    "55000040034b00037400000001316e6e4e0003740000000139740000000370656e6e": Update(
        16_387, ("9", "pen", None), ("1", None, None)
    ),
    "44000040034b00037400000001396e6e": Delete(16_387, ("9", None, None), is_old_whole=False),
    "54000000010000004003": Truncate((16_387,)),
    "43000000000001926ef800000000019270680003042591b8ecee": Commit(),
}


@pytest.mark.parametrize(("data", "message"), CAPTURED.items())
def test_messages_of_a_server_are_read(data: str, message: Message) -> None:
    assert decode(bytes.fromhex(data)) == message


@pytest.mark.parametrize("data", [b"O\0\0\0\0\0\0\0\0x\0", b"Y\0\0\0\1public\0mood\0", b"M\0"])
def test_messages_that_change_nothing_are_passed_over(data: bytes) -> None:
    assert decode(data) is None


@pytest.mark.parametrize("data", [data for data, message in MESSAGES if message != Commit()])
def test_a_message_cut_short_is_refused_wherever_it_ends(data: bytes) -> None:
    for end in range(1, len(data)):
        if data[:1] == b"B" and end >= 17:  # the number of the transaction is not read
            break
        with pytest.raises(ValueError, match="is cut short"):
            decode(data[:end])


@pytest.mark.parametrize("data", [b"", b"S\0", b"?"])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="is none of pgoutput's protocol 1"):
        decode(data)


def test_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        decode(sent.insert("xx").replace(b"xx", b"\xff\xfe"))


@given(st.lists(st.none() | st.just(UNCHANGED) | st.text(), max_size=8))
def test_any_row_is_read_as_it_was_sent(row: list[Value]) -> None:
    assert decode(sent.insert(*row)) == Insert(sent.TABLE, tuple(row))
