"""Landing: what in the inbox is a delivery, and keeping its bytes."""

import hashlib
import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.duck import scratch_connection
from ecom_assets.errors import LandingError
from ecom_assets.feeds import Feed, shipped_feeds
from ecom_assets.feeds.model import DeliveryDate
from ecom_assets.feeds.pull import Pull
from ecom_assets.file_version import file_version
from ecom_assets.home import Home
from ecom_assets.ingest import landing
from ecom_assets.ingest.content import content_hash
from ecom_assets.ingest.journal import Delivery, read_journal
from ecom_assets.ingest.landing import (
    BATCH_FILES,
    Arrival,
    Unrecognised,
    _recognise,
    land,
    new_arrivals,
    scan_inbox,
)
from ecom_assets.ingest.read import probe, read_files
from ecom_assets.ingest.readable import Readable
from ecom_assets.stores import FeedOptions, Store, Stores

NOW = datetime(2011, 8, 20, 12, 0, 0, 123456, tzinfo=UTC)
STORE = Store(
    currency="GBP", timezone="Europe/London", feeds={"online_retail": FeedOptions(required=True)}
)
STORES = Stores(stores={"shop": STORE})
FEED = shipped_feeds()["online_retail"]
NAME = "2011-08-07.csv"
HEADER = b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LINE = b"536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
CDNOW = b" customer_id  date number_of_cds  dollar_value\n 00001 19970101  1   11.77\n"

Put = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def put(home: Home) -> Put:
    """Puts a file into the inbox."""

    def write(content: bytes, name: str = NAME, store: str = "shop", feed: str = FEED.feed) -> Path:
        path = home.feed_inbox(store, feed) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return write


def land_inbox(home: Home) -> list[Delivery]:
    return land(home, scan_inbox(home, STORES, NOW)[0], NOW)


def reason_for(home: Home) -> str:
    """The reason for which the only thing in the inbox is no delivery."""
    arrivals, (other,) = scan_inbox(home, STORES, NOW)
    assert arrivals == []
    return other.reason


def arrival(path: Path, name: str) -> Arrival:
    return Arrival("shop", "lines", name, date(2011, 8, 7), str(path), file_version(path))


def entry_of(path: Path) -> os.DirEntry[str]:
    (entry,) = os.scandir(path.parent)
    assert entry.path == str(path)
    return entry


# What is a delivery


def test_a_home_without_an_inbox_has_nothing_to_land(home: Home) -> None:
    assert scan_inbox(home, STORES, NOW) == ([], [])


def test_a_file_of_a_feed_is_recognised_with_the_day_in_its_name(home: Home, put: Put) -> None:
    path = put(b"x")
    expected = arrival(path, NAME)._replace(feed=FEED.feed)
    assert scan_inbox(home, STORES, NOW) == ([expected], [])
    assert expected.month == "2011-08"


def test_a_new_file_is_landed_with_all_that_identifies_it(home: Home, put: Put) -> None:
    put(b"x")
    (landed,) = land_inbox(home)
    assert (landed.seq, landed.identity) == (1, ("shop", FEED.feed, NAME))
    assert (landed.delivered_on, landed.bytes) == (date(2011, 8, 7), 1)
    assert landed.landed_at == datetime(2011, 8, 20, 12, tzinfo=UTC)
    assert landed.path == f"shop/online_retail/2011-08-07/{landed.sha256[:12]}-{NAME}"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\r\n\0", b"a\r\nb\rc\n", "é".encode("utf-16")])
def test_bytes_are_kept_exactly(home: Home, put: Put, content: bytes) -> None:
    path = put(content)
    (landed,) = land_inbox(home)
    assert (home.landing / landed.path).read_bytes() == content
    assert path.read_bytes() == content


def test_an_unchanged_file_is_delivered_once(home: Home, put: Put) -> None:
    put(b"x")
    assert len(land_inbox(home)) == 1
    assert land_inbox(home) == []


def test_a_touched_file_of_the_same_content_is_no_delivery(home: Home, put: Put) -> None:
    path = put(b"x")
    land_inbox(home)
    os.utime(path, (0, 0))
    assert land_inbox(home) == []


def test_a_changed_file_is_delivered_again_beside_its_old_content(home: Home, put: Put) -> None:
    put(b"x")
    land_inbox(home)
    put(b"y")
    land_inbox(home)
    old, new = read_journal(home.journal)
    assert (home.landing / old.path).read_bytes() == b"x"
    assert (home.landing / new.path).read_bytes() == b"y"


def test_content_that_comes_back_is_a_third_delivery(home: Home, put: Put) -> None:
    for content in (b"a", b"b", b"a"):
        put(content)
        land_inbox(home)
    entries = read_journal(home.journal)
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[0].sha256 == entries[2].sha256 != entries[1].sha256


def test_equal_files_of_two_names_are_two_deliveries(home: Home, put: Put) -> None:
    put(b"x")
    put(b"x", name="2011-08-08.csv")
    entries = land_inbox(home)
    assert [(e.seq, e.name) for e in entries] == [(1, NAME), (2, "2011-08-08.csv")]


def test_what_is_already_held_is_not_offered_again(home: Home, put: Put) -> None:
    put(b"x")
    land_inbox(home)
    put(b"y", name="2011-08-08.csv")
    (found,) = new_arrivals(home, scan_inbox(home, STORES, NOW)[0])
    assert found.name == "2011-08-08.csv"


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has just been written is remembered, as what was written some seconds ago is."""
    monkeypatch.setattr("ecom_assets.ingest.content.SETTLED_NS", -1_000_000_000)


@pytest.mark.usefixtures("settled")
def test_a_file_that_lies_as_it_landed_is_not_looked_at_again(
    home: Home, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(b"x")
    land_inbox(home)
    with monkeypatch.context() as patched:
        patched.setattr("ecom_assets.ingest.landing._recognise", None)
        ((found,), _) = scan_inbox(home, STORES, NOW)
    assert found == arrival(path, NAME)._replace(feed=FEED.feed, has_landed=True)
    path.write_bytes(b"y")
    ((found,), _) = scan_inbox(home, STORES, NOW)
    assert not found.has_landed


@pytest.mark.usefixtures("settled")
def test_a_file_that_landed_and_was_lost_from_the_journal_lands_again(home: Home, put: Put) -> None:
    put(b"x")
    land_inbox(home)
    home.journal.unlink()
    assert [landed.seq for landed in land_inbox(home)] == [1]


@pytest.mark.usefixtures("settled")
def test_a_file_that_landed_and_gave_way_to_a_folder_is_told(home: Home, put: Put) -> None:
    path = put(b"x")
    land_inbox(home)
    path.unlink()
    path.mkdir()
    assert reason_for(home) == "not a file"


# Keeping bytes


def test_a_file_of_a_new_name_is_read_once_to_be_kept_and_known(
    home: Home, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes were hashed to see whether they are new, and once more while they were copied."""
    monkeypatch.setattr("ecom_assets.ingest.content.SETTLED_NS", -1_000_000_000)
    monkeypatch.setattr("ecom_assets.ingest.content.hash_file", None)
    path = put(b"x")
    (landed,) = land_inbox(home)
    assert content_hash(home, path) == landed.sha256


def test_a_file_that_was_just_begun_is_read_in_large_pieces(
    home: Home, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was empty when it was opened was read byte by byte, a second for each megabyte."""
    path = put(b"")
    asked = []

    def told(file: int) -> os.stat_result:
        stat = os.stat(file)
        path.write_bytes(b"x" * 1_000_000)  # by who delivers it
        asked.append(stat.st_size)
        return stat

    digest = hashlib.sha256()
    pieces: list[int] = []

    class Digest:
        def update(self, piece: bytes) -> None:
            pieces.append(len(piece))
            digest.update(piece)

        def hexdigest(self) -> str:
            return digest.hexdigest()

    monkeypatch.setattr("ecom_assets.ingest.landing.os.fstat", told)
    monkeypatch.setattr("ecom_assets.ingest.landing.hashlib.sha256", Digest)
    landing._copy(path, str(home.root / "copy"))
    assert asked == [0]
    assert sum(pieces) == 1_000_000
    assert len(pieces) < 20


def test_many_files_are_noted_in_their_order_each_with_its_own_bytes(home: Home, put: Put) -> None:
    """They are kept by several threads."""
    names = [f"{number:03}.csv" for number in range(3 * BATCH_FILES + 1)]
    arrivals = [arrival(put(name.encode(), name), name) for name in names]
    landed = land(home, arrivals, NOW)
    assert [(entry.seq, entry.name) for entry in landed] == list(enumerate(names, 1))
    assert [(home.landing / entry.path).read_text() for entry in landed] == names


def test_a_file_taken_away_since_it_was_seen_is_left_out(home: Home, put: Put) -> None:
    gone, here = arrival(put(b"x"), NAME), arrival(put(b"y", "2011-08-08.csv"), "2011-08-08.csv")
    gone.path.unlink()
    assert [(entry.seq, entry.name) for entry in land(home, [gone, here], NOW)] == [(1, here.name)]


def test_bytes_that_cannot_be_kept_are_named_and_nothing_is_noted(home: Home, put: Put) -> None:
    path = put(b"x")
    (landed,) = land_inbox(home)
    home.journal.unlink()
    kept = home.landing / landed.path
    kept.unlink()
    kept.mkdir()
    with pytest.raises(LandingError, match=f"{path} cannot be kept in {kept.parent}: Is a dir"):
        land_inbox(home)
    assert not home.journal.exists()
    assert not list(home.landing.glob(".*.part"))


# What is none, and why


@pytest.mark.parametrize("name", [".hidden.csv", "2011-08-07.csv.tmp", "2011-08-07.csv.part"])
def test_a_file_still_being_written_is_no_delivery(home: Home, put: Put, name: str) -> None:
    put(b"x", name=name)
    assert reason_for(home) == "still being written (hidden, .tmp or .part)"


def test_a_folder_in_a_feeds_inbox_is_no_delivery(home: Home) -> None:
    (home.feed_inbox("shop", FEED.feed) / "2011-08-07.csv").mkdir(parents=True)
    assert reason_for(home) == "not a file"


def test_a_link_that_leads_nowhere_is_no_delivery(home: Home) -> None:
    inbox = home.feed_inbox("shop", FEED.feed)
    inbox.mkdir(parents=True)
    (inbox / NAME).symlink_to(inbox / "gone.csv")
    assert reason_for(home) == "not a file"


def test_a_folder_of_an_unknown_store_is_named(home: Home, put: Put) -> None:
    put(b"x", store="stranger")
    assert reason_for(home) == "no store of this name in stores.yaml"


def test_a_folder_of_a_feed_that_the_store_does_not_have_is_named(home: Home, put: Put) -> None:
    put(b"x", feed="shopify")
    assert reason_for(home) == "stores.yaml gives store 'shop' no feed of this name"


@pytest.mark.parametrize("folder", ["", "shop"])
def test_a_file_beside_the_folders_of_stores_or_feeds_is_no_delivery(
    home: Home, folder: str
) -> None:
    path = home.inbox / folder / NAME
    path.parent.mkdir(parents=True)
    path.touch()
    assert reason_for(home) == "files belong into inbox/<store>/<feed>/"


def test_hidden_folders_of_an_inbox_are_nobodys_business(home: Home) -> None:
    (home.inbox / ".git").mkdir(parents=True)
    assert scan_inbox(home, STORES, NOW) == ([], [])


@pytest.mark.parametrize(
    "name", ["orders.csv", "2011-08-07.csv.bak", "x2011-08-07.csv", "2011-08-07.CSV"]
)
def test_a_name_that_the_feed_does_not_know_is_shown_one_it_knows(
    home: Home, put: Put, name: str
) -> None:
    """The bare regular expression told a shop's owner nothing."""
    put(b"x", name=name)
    assert reason_for(home) == (
        "feed 'online_retail' wants names like 2011-08-31.csv, "
        "packed ones like 2011-08-31.csv.zip (.gz, .zst) whatever the name inside"
    )


@pytest.mark.parametrize(
    ("target", "reason"),
    [(NAME, "Too many levels of symbolic links"), ("x" * 300, "name too long")],
)
def test_a_link_that_leads_nowhere_stops_nobody(
    home: Home, put: Put, target: str, reason: str
) -> None:
    """It ended every command of the home: the system answers it with an error."""
    put(b"x", name="2011-08-08.csv")
    (home.feed_inbox("shop", FEED.feed) / NAME).symlink_to(target)
    (found,), (other,) = scan_inbox(home, STORES, NOW)
    assert found.name == "2011-08-08.csv"
    assert re.fullmatch(f"cannot be reached: .*{reason}.*", other.reason, re.IGNORECASE)


def test_a_folder_that_cannot_be_looked_into_stops_nobody(
    home: Home, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(b"x")
    closed = home.inbox / "other"
    closed.mkdir()
    stores = Stores(stores={**STORES.stores, "other": STORE})
    look = os.scandir

    def refused(folder: Path) -> Any:
        if Path(folder) == closed:
            raise PermissionError(13, "Permission denied", str(folder))
        return look(folder)

    monkeypatch.setattr("ecom_assets.ingest.landing.os.scandir", refused)
    (found,), (other,) = scan_inbox(home, stores, NOW)
    assert found.name == NAME
    assert (other.path, other.reason) == (closed, "cannot be reached: Permission denied")


@pytest.mark.parametrize("name", ["2011-02-30.csv", "2011-13-01.csv", "0000-01-01.csv"])
def test_an_impossible_date_is_no_delivery_day(home: Home, put: Put, name: str) -> None:
    put(b"x", name=name)
    assert reason_for(home) == "no delivery day in its name (%Y-%m-%d)"


@pytest.mark.parametrize("day", ["1994-12-31", "2011-09-01", "2012-01-01", "9999-12-31"])
def test_a_day_before_1995_or_after_this_month_is_no_delivery_day(
    home: Home, put: Put, day: str
) -> None:
    put(b"x", name=f"{day}.csv")
    assert reason_for(home) == (
        "its delivery day, that in its name, lies before 1995 or after this month"
    )


@pytest.mark.parametrize("day", ["1995-01-01", "2011-08-31"])
def test_the_first_day_of_1995_and_the_last_of_this_month_are_accepted(
    home: Home, put: Put, day: str
) -> None:
    put(b"x", name=f"{day}.csv")
    assert [f"{entry.delivered_on}" for entry in land_inbox(home)] == [day]


def test_a_name_that_is_no_text_is_no_delivery(home: Home, put: Put) -> None:
    """Bytes that are no UTF-8 could neither be noted in the journal nor shown: the load crashed."""
    path = put(b"x", name=os.fsdecode(b"2011-08-07\xff.csv"))
    feed = FEED.model_copy(update={"pattern": ".*"})
    found = _recognise(entry_of(path), "shop", STORE, feed, NOW)
    assert isinstance(found, Unrecognised)
    assert "cannot be written" in found.reason


def test_an_unrecognised_file_can_always_be_shown(home: Home, put: Put) -> None:
    put(b"x", name=os.fsdecode(b"\xff.csv"))
    _, (other,) = scan_inbox(home, STORES, NOW)
    assert f"{other.path}".encode().endswith("\ufffd.csv".encode())


# The delivery day of a feed whose names tell none


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Europe/London", "2011-08-07"), ("Pacific/Auckland", "2011-08-08")],
)
def test_a_name_without_a_day_takes_the_stores_own_day_of_landing(
    home: Home, put: Put, zone: str, day: str
) -> None:
    path = put(b"x")
    landed_at = datetime(2011, 8, 7, 20, tzinfo=UTC).timestamp()
    os.utime(path, (landed_at, landed_at))
    store = STORE.model_copy(update={"timezone": zone})
    found = _recognise(entry_of(path), "shop", store, feed_by_landing(), NOW)
    assert isinstance(found, Arrival)
    assert f"{found.delivered_on}" == day


def test_a_pulled_file_is_of_the_moment_in_its_name(home: Home, put: Put) -> None:
    """A clock that had gone back dated the later of two pulls before the other, which then won."""
    path = put(b"x", name="20110807T235959000000Z.parquet")
    os.utime(path, (0, 0))
    feed = feed_by_landing().model_copy(update={"pull": Pull(table="t")})
    found = _recognise(entry_of(path), "shop", STORE, feed, NOW)
    assert isinstance(found, Arrival)
    assert f"{found.delivered_on}" == "2011-08-08"  # on the store's clock


def test_a_file_dated_by_its_rows_is_read_for_that_until_it_has_landed(
    home: Home, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every process read all such files of the inbox to date them, and then dropped them."""
    path = put(CDNOW, name="CDNOW.txt", feed="cdnow")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    store = STORE.model_copy(update={"feeds": {"cdnow": FeedOptions()}})
    stores = Stores(stores={"shop": store})
    first, _ = scan_inbox(home, stores, NOW)
    assert [f"{found.delivered_on}" for found in first] == ["1997-01-01"]
    land(home, first, NOW)
    monkeypatch.setattr(landing, "newest_day", None)
    again, _ = scan_inbox(home, stores, NOW)
    assert [found._replace(has_landed=False) for found in again] == first


def feed_by_landing() -> Feed:
    landed = DeliveryDate.model_validate({"from": "landed"})
    return FEED.model_copy(update={"delivered_on": landed, "pattern": ".*"})


# Odd names

ODD_NAMES = [
    "a b.csv",
    'it\'s "so".csv',
    "a*b.csv",
    "a[1-9].csv",
    "a?b{c}.csv",
    "...csv",
    "..",
    "..\\..\\x.csv",
    "$(rm -rf x);.csv",
    "-rf.csv",
    "größe 日本 🎄.csv",
    "a\u00a0\u2028b.csv",
    "x" * 251 + ".csv",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_odd_name_never_leaves_the_landing_folder(home: Home, put: Put, name: str) -> None:
    (landed,) = land(home, [arrival(put(b"x"), name)], NOW)
    kept = home.landing / landed.path
    assert kept.resolve().parent == (home.landing / "shop" / "lines" / "2011-08-07").resolve()
    assert re.fullmatch(r"[0-9a-f]{12}-([0-9a-f]{12}~)?[A-Za-z0-9._-]+", kept.name)
    assert kept.read_bytes() == b"x"
    assert [entry.name for entry in read_journal(home.journal)] == [name]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_odd_name_does_not_break_reading(home: Home, put: Put, name: str) -> None:
    (landed,) = land(home, [arrival(put(HEADER + LINE + LINE), name)], NOW)
    path = home.landing / landed.path
    readable = probe(path, FEED)
    assert isinstance(readable, Readable)
    with scratch_connection(home, threads=1) as connection:
        assert read_files(connection, FEED, {0: (path, readable)}) == {}
        assert connection.execute("select count(*) from delivered").fetchone() == (2,)


def test_names_that_look_alike_when_made_safe_keep_their_own_bytes(home: Home, put: Put) -> None:
    one = arrival(put(b"1"), "a b.csv")
    other = arrival(put(b"2", name="2011-08-08.csv"), "a*b.csv")
    paths = [home.landing / entry.path for entry in land(home, [one, other], NOW)]
    assert [path.read_bytes() for path in paths] == [b"1", b"2"]


def test_names_that_look_alike_when_made_safe_keep_equal_bytes_apart(home: Home, put: Put) -> None:
    """Both lay at one place, whose rows were then read for each of them."""
    one = arrival(put(b"1"), "a b.csv")
    others = [arrival(put(b"1"), name) for name in ("a*b.csv", "a_b.csv")]
    assert len({entry.path for entry in land(home, [one, *others], NOW)}) == 3


def test_nothing_half_written_stays_in_the_landing_folder(home: Home, put: Put) -> None:
    put(b"x")
    (landed,) = land_inbox(home)
    files = [path for path in home.landing.rglob("*") if path.is_file()]
    assert sorted(files) == sorted([home.journal, home.landing / landed.path])
