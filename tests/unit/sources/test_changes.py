"""Changes without a server: what is lost, who has none, and what is said where none answers."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.sources.changes.confirmed import Noted
from ecom_assets.sources.changes.continuity import Found, what_is_lost
from ecom_assets.sources.changes.lsn import lsn_text
from ecom_assets.sources.changes.slot import Slot
from ecom_assets.sources.landed import Stream
from tests.harness.changed_table import ChangedTable
from tests.harness.pulled import SqliteFile
from tests.services.database_servers import free_port

LAST = Stream(system="7", relation=16_385, slot="s", start=lsn_text(10), end=lsn_text(100))
FOUND = Found("7", 200, 16_385, Slot("s", 100, is_active=False), Noted(100))


class NoServer:
    """Where no server listens."""

    def __init__(self) -> None:
        self.url = f"postgresql://clerk:s3cr3t@127.0.0.1:{free_port()}/ledger?connect_timeout=2"


@pytest.mark.parametrize(
    "found",
    [
        FOUND,
        replace(FOUND, position=100),
        replace(FOUND, slot=Slot("s", 90, is_active=False)),
        replace(FOUND, slot=Slot("s", 150, is_active=False), noted=Noted(150)),
        replace(FOUND, slot=Slot("s", 150, is_active=False), noted=Noted(None)),
        replace(FOUND, noted=None),
        replace(FOUND, noted=Noted(50)),
    ],
)
def test_changes_are_read_on_where_the_slot_is_not_beyond_what_is_known(found: Found) -> None:
    assert what_is_lost(LAST, found) is None


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (replace(FOUND, system="8"), "is another server than last time"),
        (replace(FOUND, position=99), "or was restored from a backup"),
        (replace(FOUND, relation=5), "has made the table anew"),
        (replace(FOUND, slot=None), "has no slot s any more"),
        (replace(FOUND, slot=Slot("s", None, is_active=False)), "has thrown away changes that"),
        (replace(FOUND, slot=Slot("s", 101, is_active=False), noted=None), "not stand where what"),
        (replace(FOUND, slot=Slot("s", 99, is_active=False), noted=None), "not stand where what"),
        (replace(FOUND, slot=Slot("s", 101, is_active=False)), "was read on, but not by this"),
    ],
)
def test_what_is_lost_is_told(found: Found, fault: str) -> None:
    assert fault in (what_is_lost(LAST, found) or "")


def test_only_postgres_has_changes(tmp_path: Path) -> None:
    table = ChangedTable(tmp_path / "home", SqliteFile(tmp_path / "shop.db"))
    table.write("create table t (id integer primary key)")
    with pytest.raises(SourceError, match="is none of Postgres, of which alone changes can be"):
        table.deliver()


def test_a_server_that_does_not_answer_is_told_without_its_url(tmp_path: Path) -> None:
    table = ChangedTable(tmp_path / "home", NoServer())
    with pytest.raises(SourceError, match="cannot be reached: is the server running") as caught:
        table.deliver()
    told = repr(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)
    assert not [secret for secret in ("s3cr3t", "clerk", "ledger", "127.0.0.1") if secret in told]
