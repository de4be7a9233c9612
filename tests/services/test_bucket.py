"""Files in a bucket of a real S3 server: as they are, each once, and only whole ones."""

import gzip
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obstore
import pytest

from ecom_assets.errors import SourceError
from ecom_assets.feeds import shipped_feeds
from ecom_assets.home import Home
from ecom_assets.ingest.intake import take_in
from ecom_assets.setup_home import add_store
from ecom_assets.sources.buckets.address import parse_bucket
from ecom_assets.sources.buckets.pull_bucket import pull_bucket
from ecom_assets.sources.handing_over import DeliveredFiles
from ecom_assets.sources.round import pull_round
from ecom_assets.stores import load_stores
from tests.integration.conftest import SAMPLE_WEEK
from tests.services.database_servers import free_port, until
from tests.services.object_store import BUCKET, KEY, PREFIX, SECRET, ObjectStore, serving_objects

pytestmark = pytest.mark.services

VARIABLE = "SHOP_BUCKET"
STORE = FEED = "online_retail"
DAY, NEXT = "2011-08-10.csv", "2011-08-11.csv"
LARGE = 400_000_000


class PulledBucket:
    """A bucket and the home into which it is pulled."""

    def __init__(self, server: ObjectStore, home: Home) -> None:
        self.server = server
        self.home = home
        self.objects = parse_bucket(VARIABLE, server.url()).store()

    def put(self, key: str, content: bytes) -> None:
        """Puts an object below the prefix."""
        obstore.put(self.objects, key, content)

    def pull(self, url: str = "") -> DeliveredFiles | None:
        """Pulls what is new."""
        bucket = parse_bucket(VARIABLE, url or self.server.url())
        return pull_bucket(self.home, bucket, (STORE, shipped_feeds()[FEED]))

    def names(self, url: str = "") -> list[str]:
        """Pulls, and returns the names of the files."""
        delivered = self.pull(url)
        return [path.name for path in delivered.files] if delivered else []

    @property
    def inbox(self) -> Path:
        """Where the files arrive."""
        return self.home.feed_inbox(STORE, FEED)


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with serving_objects() as store:
        yield store


@pytest.fixture
def bucket(server: ObjectStore, tmp_path: Path) -> PulledBucket:
    made = PulledBucket(server, Home(tmp_path / "home"))
    for batch in list(made.objects.list()):
        for meta in batch:
            obstore.delete(made.objects, meta["path"])
    return made


def test_files_come_as_they_are_and_then_only_those_that_are_new_or_changed(
    bucket: PulledBucket,
) -> None:
    week = sorted(path.name for path in SAMPLE_WEEK.iterdir())
    for name in week[:-1]:
        bucket.put(name, (SAMPLE_WEEK / name).read_bytes())
    bucket.put("notes.txt", b"no file of the feed")
    first = bucket.pull()
    assert first is not None
    assert [path.name for path in first.files] == week[:-1]
    assert str(first) == "pulled 6 files (1 other object there)"
    for name in week[:-1]:
        assert (bucket.inbox / name).read_bytes() == (SAMPLE_WEEK / name).read_bytes()
    assert bucket.pull() is None
    bucket.put(week[-1], (SAMPLE_WEEK / week[-1]).read_bytes())
    bucket.put(week[0], b"InvoiceNo\n")
    assert bucket.names() == [week[0], week[-1]]
    assert (bucket.inbox / week[0]).read_bytes() == b"InvoiceNo\n"


def test_a_file_has_the_time_of_its_object(bucket: PulledBucket) -> None:
    bucket.put(DAY, b"InvoiceNo\n")
    put_at = bucket.objects.head(DAY)["last_modified"].timestamp()
    assert bucket.names() == [DAY]
    assert (bucket.inbox / DAY).stat().st_mtime == pytest.approx(put_at)


def test_what_is_lost_is_pulled_again(bucket: PulledBucket) -> None:
    bucket.put(DAY, b"InvoiceNo\n")
    bucket.put(NEXT, b"InvoiceNo\n")
    assert bucket.names() == [DAY, NEXT]
    (bucket.inbox / DAY).unlink()
    assert bucket.names() == [DAY]
    (memory,) = bucket.home.bucket_memory.iterdir()
    memory.write_text('{"cut')
    assert bucket.names() == [DAY, NEXT]


def test_packed_files_and_those_in_folders_are_files_of_the_feed(bucket: PulledBucket) -> None:
    bucket.put(f"{DAY}.gz", gzip.compress(b"InvoiceNo\n"))
    bucket.put(f"2011/08/{NEXT}", b"InvoiceNo\n")
    delivered = bucket.pull()
    assert delivered is not None
    assert [path.name for path in delivered.files] == [f"{DAY}.gz"]
    assert delivered.others == 1  # `2011_08_2011-08-11.csv` is no name of this feed
    assert bucket.names(bucket.server.url().replace(PREFIX, f"{PREFIX}/2011/08")) == [NEXT]


@pytest.mark.parametrize("key", ["line\nbreak.csv", "tab\tbed.csv"])
def test_a_key_that_is_no_path_is_told_without_it(bucket: PulledBucket, key: str) -> None:
    """The library does not list the page that holds it; its message ended in a part of the key."""
    bucket.put(DAY, b"x")
    odd = bucket.server.folder / BUCKET / PREFIX / key
    odd.write_bytes(b"x")
    with pytest.raises(SourceError, match="holds an object whose key is no path") as caught:
        bucket.pull()
    odd.unlink()
    assert ".csv" not in str(caught.value)
    assert bucket.names() == [DAY]


def test_two_objects_of_one_name_are_refused(bucket: PulledBucket) -> None:
    bucket.put("a/b.csv", b"1")
    bucket.put("a_b.csv", b"2")
    with pytest.raises(SourceError, match=r"holds a\S?b\.csv and a\S?b\.csv, which would be one"):
        bucket.pull()
    assert not bucket.inbox.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"secret": "an0ther"}, "the bucket that SHOP_BUCKET names refuses the key or its secret"),
        ({"bucket": "no-such-bucket"}, "names is none: there is no bucket of that name"),
        ({"bucket": "connect-dns-404"}, "names is none: there is no bucket of that name"),
        ({"port": free_port()}, "names cannot be reached: is the endpoint right"),
    ],
)
def test_what_cannot_be_read_is_told_without_its_url(
    bucket: PulledBucket, wrong: dict[str, str], said: str
) -> None:
    """Of a bucket with `connect` or `dns` in its name all was said to be out of reach."""
    url = bucket.server.url(**wrong)  # type: ignore[arg-type]
    with pytest.raises(SourceError, match=said) as told:
        bucket.pull(url)
    assert told.value.__context__ is None
    secrets = (KEY, SECRET, "an0ther", BUCKET, "such-bucket", "connect", PREFIX, "127.0.0.1")
    assert [secret for secret in secrets if secret in str(told.value)] == []


def test_no_file_of_the_home_holds_the_secret(bucket: PulledBucket) -> None:
    bucket.put(DAY, b"InvoiceNo\n")
    bucket.pull()
    held = b"".join(path.read_bytes() for path in bucket.home.root.rglob("*") if path.is_file())
    assert [secret for secret in (KEY, SECRET, BUCKET, PREFIX) if secret.encode() in held] == []


def test_a_server_killed_in_the_middle_leaves_no_half_file_and_the_next_pull_goes_on(
    bucket: PulledBucket,
) -> None:
    bucket.put(DAY, b"InvoiceNo\n")
    bucket.put(NEXT, b"")
    with (bucket.server.folder / BUCKET / PREFIX / NEXT).open("wb") as large:
        large.truncate(LARGE)
    draft = bucket.inbox / f".{NEXT}.part"
    with ThreadPoolExecutor(1) as pool:
        pulling = pool.submit(bucket.pull)
        until(lambda: draft.exists() or pulling.done())
        bucket.server.stop(signal.SIGKILL)
        with pytest.raises(SourceError, match="cannot be reached"):
            pulling.result(timeout=60)
    assert [p.name for p in bucket.inbox.iterdir() if not p.name.startswith(".")] == [DAY]
    bucket.server.start()
    until(bucket.server.answers)
    assert bucket.names() == [NEXT]
    assert (bucket.inbox / NEXT).stat().st_size == LARGE
    assert not draft.exists()


def test_a_load_pulls_the_bucket_that_a_store_names(
    bucket: PulledBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = bucket.home
    for name in (DAY, NEXT):
        bucket.put(name, (SAMPLE_WEEK / name).read_bytes())
    add_store(home, STORE, FEED, "GBP", "Europe/London", "GB")
    text = home.stores_file.read_text("utf-8")
    home.stores_file.write_text(text.replace(f"{FEED}: {{}}", f"{FEED}: {{url_env: {VARIABLE}}}"))
    stores = load_stores(home)
    monkeypatch.setenv(VARIABLE, bucket.server.url())
    assert [str(result) for result in pull_round(home, stores)] == [
        "online_retail/online_retail: pulled 2 files"
    ]
    assert [d.name for d in take_in(home, stores, None, "test").landed] == [DAY, NEXT]
    assert [str(result) for result in pull_round(home, stores)] == [
        "online_retail/online_retail: nothing new"
    ]
    monkeypatch.setenv(VARIABLE, "postgresql://clerk:s3cr3t@127.0.0.1/shop")
    (result,) = pull_round(home, stores)
    assert "SHOP_BUCKET holds no URL of a bucket, such as s3://KEY" in str(result)
    assert "s3cr3t@" not in str(result)
