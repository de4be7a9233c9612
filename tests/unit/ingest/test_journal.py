"""The journal of deliveries."""

from datetime import date
from pathlib import Path

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.ingest.journal import append_to_journal, newest, newest_landed, read_journal
from tests.unit.ingest.deliveries import delivery
from tests.unit.replaced_files import replace_under_size_and_time


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "landing" / "journal.jsonl"


def test_a_journal_that_was_never_written_is_empty(journal: Path) -> None:
    assert read_journal(journal) == []


def test_entries_are_read_as_they_were_written_in_their_order(journal: Path) -> None:
    append_to_journal(journal, [delivery(1), delivery(2, name="2011-08-08.csv")])
    append_to_journal(journal, [delivery(3, store="other")])
    assert read_journal(journal) == [
        delivery(1),
        delivery(2, name="2011-08-08.csv"),
        delivery(3, store="other"),
    ]


@pytest.mark.parametrize("name", ["für Köln.csv", 'a "b".csv', "a\\b.csv", "a\u2028b\x85.csv"])
def test_a_name_with_odd_characters_stays_one_entry(journal: Path, name: str) -> None:
    append_to_journal(journal, [delivery(1, name=name)])
    append_to_journal(journal, [delivery(2)])
    assert read_journal(journal) == [delivery(1, name=name), delivery(2)]


@pytest.mark.parametrize("torn", [b'{"seq": 2, "store"', b"{", b'{"seq": 2}'])
def test_a_line_that_a_crash_cut_short_is_no_entry(journal: Path, torn: bytes) -> None:
    append_to_journal(journal, [delivery(1)])
    journal.write_bytes(journal.read_bytes() + torn)
    assert read_journal(journal) == [delivery(1)]


def test_the_next_append_cuts_a_torn_line_off(journal: Path) -> None:
    append_to_journal(journal, [delivery(1)])
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"seq": 2, "sto')
    append_to_journal(journal, [delivery(2)])
    assert read_journal(journal) == [delivery(1), delivery(2)]
    assert journal.read_bytes().startswith(whole + b'{"seq": 2, "store": "shop"')


def test_a_journal_that_is_nothing_but_a_torn_line_starts_afresh(journal: Path) -> None:
    journal.parent.mkdir()
    journal.write_bytes(b'{"seq": 1, "sto')
    append_to_journal(journal, [delivery(1)])
    assert read_journal(journal) == [delivery(1)]


def test_a_journal_replaced_under_its_size_and_time_is_read_again(journal: Path) -> None:
    append_to_journal(journal, [delivery(1, sha256="a")])
    assert read_journal(journal) == [delivery(1, sha256="a")]
    content = journal.read_bytes().replace(b'"sha256": "a"', b'"sha256": "b"')
    replace_under_size_and_time(journal, content)
    assert [entry.sha256 for entry in read_journal(journal)] == ["b"]


def test_a_journal_restored_from_a_backup_is_read_as_it_is(journal: Path) -> None:
    append_to_journal(journal, [delivery(1)])
    backup = journal.read_bytes()
    append_to_journal(journal, [delivery(2, sha256="a")])
    assert len(read_journal(journal)) == 2
    journal.write_bytes(backup)
    assert read_journal(journal) == [delivery(1)]
    append_to_journal(journal, [delivery(2, sha256="b")])
    assert read_journal(journal) == [delivery(1), delivery(2, sha256="b")]
    assert newest_landed(journal) == newest(read_journal(journal))


@pytest.mark.parametrize("seq", [b"null", b'"1"'])
def test_an_entry_without_a_number_is_damage(journal: Path, seq: bytes) -> None:
    append_to_journal(journal, [delivery(1)])
    journal.write_bytes(journal.read_bytes().replace(b'"seq": 1', b'"seq": ' + seq))
    with pytest.raises(ConfigurationError, match="is damaged"):
        read_journal(journal)


def test_the_newest_entry_of_a_name_wins() -> None:
    held = newest([delivery(1, sha256="a"), delivery(2, sha256="b")])
    assert held == {("shop", "lines", "2011-08-07.csv"): delivery(2, sha256="b")}


def test_the_newest_entry_wins_also_when_its_content_was_seen_before() -> None:
    entries = [delivery(1, sha256="a"), delivery(2, sha256="b"), delivery(3, sha256="a")]
    assert newest(entries).popitem()[1].seq == 3


def test_newest_goes_by_position_and_not_by_the_order_it_is_told() -> None:
    assert newest([delivery(2, sha256="b"), delivery(1, sha256="a")]).popitem()[1].seq == 2


def test_the_same_name_in_another_store_or_feed_is_another_delivery() -> None:
    assert len(newest([delivery(1), delivery(2, store="b"), delivery(3, feed="b")])) == 3


def test_the_month_of_a_delivery_is_that_of_its_delivery_day() -> None:
    assert delivery(delivered_on=date(2011, 12, 31)).month == "2011-12"
