"""Changes that come again: left out where they have landed, told where they are others."""

from datetime import UTC, datetime, timedelta

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.sources.changes.already_read import AlreadyRead
from ecom_assets.sources.changes.pgoutput import Begin, Insert, Message, Relation, decode
from tests.unit.sources import pgoutput_messages as sent

AT = datetime(2026, 3, 29, 1, tzinfo=UTC)
END = 0x50
READ = AlreadyRead(sent.TABLE, "the server", END, {"00000000/00000028": AT})
THINGS = sent.relation([("id", 23)], ["id"])


def left_out(*data: bytes) -> list[Message]:
    return list(READ.left_out(filter(None, map(decode, data))))


def test_what_has_landed_is_left_out_and_the_table_is_told_before_what_follows() -> None:
    landed = (sent.begin(0x28, AT), THINGS, sent.insert("1"), sent.commit(0x28))
    assert left_out(*landed) == []
    found = left_out(*landed, sent.begin(END, AT), sent.insert("2"))
    assert [type(message) for message in found] == [Relation, Begin, Insert]


def test_other_tables_may_have_changed_where_nothing_of_this_one_did() -> None:
    assert left_out(sent.begin(0x30, AT), sent.insert("1", oid=sent.TABLE + 1)) == []


@pytest.mark.parametrize(("lsn", "at"), [(0x30, AT), (0x28, AT + timedelta(seconds=1))])
def test_a_change_that_has_not_landed_where_it_should_is_told(lsn: int, at: datetime) -> None:
    """A server restored from a copy of its disk wrote others there; they were left out."""
    with pytest.raises(SourceError, match="the server was restored from a copy: its log has other"):
        left_out(sent.begin(lsn, at), THINGS, sent.insert("1"))
